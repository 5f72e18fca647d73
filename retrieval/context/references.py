"""The files an answer rests on, numbered. Made from the passages, never by a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from retrieval.search.evidence import Passage


@dataclass(frozen=True, slots=True)
class Reference:
    """A document among the sources; `passages` are those of it in the context."""

    reference_id: str
    file_path: str
    document_id: str
    passages: tuple[Passage, ...]

    @property
    def chunk_ids(self) -> tuple[str, ...]:
        return tuple(passage.chunk_id for passage in self.passages)

    @property
    def pages(self) -> tuple[int, ...]:
        """First and last pages of the passages, in order."""
        return tuple(
            sorted({page for passage in self.passages for page in passage.pages})
        )

    @property
    def contents(self) -> list[str]:
        return [passage.content for passage in self.passages]


def number(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """The passages with their documents' numbers.

    A document with more passages comes first, then the one that appears first
    (docs/lightrag.md B.7).
    """
    counts = Counter(passage.document_id for passage in passages)
    ids = {document: str(n) for n, (document, _) in enumerate(counts.most_common(), 1)}
    return tuple(replace(item, reference_id=ids[item.document_id]) for item in passages)


def listed(passages: Sequence[Passage]) -> tuple[Reference, ...]:
    """The references of numbered passages, by number."""
    documents: dict[str, list[Passage]] = {}
    for passage in passages:
        documents.setdefault(passage.reference_id, []).append(passage)
    return tuple(
        Reference(number, own[0].file_path, own[0].document_id, tuple(own))
        for number, own in sorted(documents.items(), key=lambda item: int(item[0]))
    )
