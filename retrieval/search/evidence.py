"""What was found for a question: plain values that pass from search to context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FoundEntity:
    """An entity; `legs` says which search brought it with what score."""

    id: int
    name: str
    entity_type: str
    description: str
    rank: int
    created_at: int
    legs: Mapping[str, float] = field(default_factory=dict)
    chunk_ids: tuple[str, ...] = ()
    file_paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundRelation:
    """A relation; `rank` is the sum of its ends' degrees (docs/lightrag.md B.3)."""

    id: int
    source_id: int
    target_id: int
    source: str
    target: str
    description: str
    keywords: str
    weight: float
    rank: int
    created_at: int
    legs: Mapping[str, float] = field(default_factory=dict)
    chunk_ids: tuple[str, ...] = ()
    file_paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk's text and where it stands in its document.

    `legs`: cosine (`vector`, and `entity`, `relation` for chunks that came through the
    graph), 1 / place by words (`lexical`), in `mix` the share of the walk (`walk`, the
    best has 1) and the second hop's bonus (`hop`), and `rerank` where a reranker scored it.
    """

    chunk_id: str
    document_id: str
    file_path: str
    content: str
    tokens: int
    headings: tuple[str, ...] = ()
    page_first: int | None = None
    page_last: int | None = None
    legs: Mapping[str, float] = field(default_factory=dict)
    reference_id: str = ""

    @property
    def pages(self) -> tuple[int, ...]:
        """The first and last page; empty where the document has none."""
        if self.page_first is None:
            return ()
        return tuple(
            dict.fromkeys((self.page_first, self.page_last or self.page_first))
        )


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Entities and relations of both sides, merged in turns (docs/lightrag.md B.3).

    `edges` counts the edges of the seed entities, of which only those that can fit in
    the budget were read.
    """

    entities: tuple[FoundEntity, ...] = ()
    relations: tuple[FoundRelation, ...] = ()
    relations_found: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """Entities and relations that fit the budgets, best first.

    `entities_found` and `relations_found` count what there was before; `tokens` is what
    their lines cost in a prompt.
    """

    entities: tuple[FoundEntity, ...] = ()
    relations: tuple[FoundRelation, ...] = ()
    entities_found: int = 0
    relations_found: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything found; `passages` best first and more than fit in a context.

    `passages_found` counts the passages of all legs.
    """

    facts: Facts = field(default_factory=Facts)
    passages: tuple[Passage, ...] = ()
    passages_found: int = 0
