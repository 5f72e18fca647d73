"""Drafts of chunks, with all values of their rows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from documents.chunking.text_span import Piece
from documents.chunking.token_map import TokenMap
from documents.parsing.parsed_document import PageSpan
from retrieval.llm import tokens


@dataclass(frozen=True, slots=True)
class ChunkDraft:
    """A chunk before it is stored.

    `order` counts from 0 without gaps. `tokens` are the document's own tokens in it, as
    upstream counts them: by itself it may be a token or two more. Pages are None where
    the format has none.
    """

    order: int
    content: str
    tokens: int
    headings: tuple[str, ...] = ()
    page_first: int | None = None
    page_last: int | None = None


def draft(
    pieces: Iterable[Piece], token_map: TokenMap, pages: Sequence[PageSpan]
) -> list[ChunkDraft]:
    """Drafts of all pieces that hold more than blanks."""
    book = _Book(pages)
    drafts = list[ChunkDraft]()
    for piece in pieces:
        content = (piece.prefix + token_map.text[piece.start : piece.end]).strip()
        if not content:
            continue
        size = token_map.count(piece.start, piece.end) + tokens.count(piece.prefix)
        first, last = book.pages_of(piece.start, piece.end)
        drafts.append(
            ChunkDraft(len(drafts), content, size, piece.headings, first, last)
        )
    return drafts


class _Book:
    """Finds the pages of a stretch of text."""

    def __init__(self, pages: Sequence[PageSpan]) -> None:
        self.pages = pages
        self.starts = [page.start for page in pages]
        self.ends = [page.end for page in pages]

    def pages_of(self, start: int, end: int) -> tuple[int | None, int | None]:
        first = bisect_right(self.ends, start)
        last = bisect_left(self.starts, end) - 1
        if not self.pages or first > last:
            return None, None
        return self.pages[first].number, self.pages[last].number
