"""References: the numbered files of an answer, made from its chunks and not by a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from retrieval.search.evidence import FoundChunk, FoundFigure


@dataclass(frozen=True, slots=True)
class Reference:
    """A document that the answer may cite; `chunks` are its chunks in the context."""

    reference_id: str
    file_path: str
    document_id: str
    chunks: tuple[FoundChunk, ...]

    @property
    def chunk_ids(self) -> tuple[str, ...]:
        return tuple(chunk.chunk_id for chunk in self.chunks)

    @property
    def pages(self) -> tuple[int, ...]:
        """First and last pages of the chunks, in order."""
        return tuple(sorted({page for chunk in self.chunks for page in chunk.pages}))

    @property
    def figures(self) -> tuple[FoundFigure, ...]:
        """The figures beside the chunks, in the order of the document."""
        figures = {figure for chunk in self.chunks for figure in chunk.figures}
        return tuple(sorted(figures, key=lambda figure: figure.number))

    @property
    def contents(self) -> list[str]:
        return [chunk.content for chunk in self.chunks]


def number(chunks: Sequence[FoundChunk]) -> tuple[FoundChunk, ...]:
    """Return the chunks with the reference numbers of their documents.

    Documents are numbered by their count of chunks, then by first appearance
    (docs/lightrag.md B.7).
    """
    counts = Counter(chunk.document_id for chunk in chunks)
    ids = {document: str(n) for n, (document, _) in enumerate(counts.most_common(), 1)}
    return tuple(replace(item, reference_id=ids[item.document_id]) for item in chunks)


def of_chunks(chunks: Sequence[FoundChunk]) -> tuple[Reference, ...]:
    """Return the references of numbered chunks, by number."""
    documents: dict[str, list[FoundChunk]] = {}
    for chunk in chunks:
        documents.setdefault(chunk.reference_id, []).append(chunk)
    return tuple(
        Reference(
            number,
            chunks_of_document[0].file_path,
            chunks_of_document[0].document_id,
            tuple(chunks_of_document),
        )
        for number, chunks_of_document in sorted(
            documents.items(), key=lambda item: int(item[0])
        )
    )
