"""Search results: plain values that the search returns and the context is built from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FoundEntity:
    """An entity; `scores` holds the score of each retriever that found it."""

    id: int
    name: str
    entity_type: str
    description: str
    rank: int
    created_at: int
    scores: Mapping[str, float] = field(default_factory=dict)
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
    scores: Mapping[str, float] = field(default_factory=dict)
    chunk_ids: tuple[str, ...] = ()
    file_paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundFigure:
    """A figure beside a chunk; `number` is that in its document."""

    number: int
    page: int | None = None
    caption: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class FoundChunk:
    """A chunk with its text and its position in the document.

    Keys of `scores`: `vector` (cosine), `lexical` (1 / rank), `entity` and `relation`
    (cosine of a chunk found through the graph), in mode mix `walk` (share of the walk,
    the best chunk has 1) and `hop` (bonus of the second hop), and `rerank`.
    """

    chunk_id: str
    document_id: str
    file_path: str
    content: str
    tokens: int
    headings: tuple[str, ...] = ()
    page_first: int | None = None
    page_last: int | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    reference_id: str = ""
    figures: tuple[FoundFigure, ...] = ()

    @property
    def pages(self) -> tuple[int, ...]:
        """The first and last page; empty if the document has no pages."""
        if self.page_first is None:
            return ()
        return tuple(
            dict.fromkeys((self.page_first, self.page_last or self.page_first))
        )


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The seeds' entities and relations, merged in turns (docs/lightrag.md B.3).

    `relations_found` also counts edges of the seed entities that were not read because
    they can't fit the budget.
    """

    entities: tuple[FoundEntity, ...] = ()
    relations: tuple[FoundRelation, ...] = ()
    relations_found: int = 0


@dataclass(frozen=True, slots=True)
class GraphSelection:
    """The entities and relations that fit their budgets, best first.

    `entities_found` and `relations_found` are the counts before the budgets were applied;
    `tokens` is the size of the selected lines in a prompt.
    """

    entities: tuple[FoundEntity, ...] = ()
    relations: tuple[FoundRelation, ...] = ()
    entities_found: int = 0
    relations_found: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """All search results; `chunks` are best first and more than fit in a context.

    `chunks_found` counts the chunks of all retrievers.
    """

    graph: GraphSelection = field(default_factory=GraphSelection)
    chunks: tuple[FoundChunk, ...] = ()
    chunks_found: int = 0
