"""Text spans, as the chunking strategies return them, and the chunk drafts built of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from documents.chunking.token_map import TokenMap
from documents.errors import TooManyChunks
from documents.parsing.parsed_document import BlockSpan, PageSpan, ParsedDocument
from retrieval.llm import tokens

MAX_POSITIONS = 200
"""Upper bound on the blocks of a chunk whose places are stored."""


@dataclass(frozen=True, slots=True)
class TextSpan:
    """The characters `start` to `end` of a text, which become a chunk.

    `prefix` is put before them (a table's header). `headings` are those of the span's
    section, outermost first.
    """

    start: int
    end: int
    headings: tuple[str, ...] = ()
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """The position of a block: its page, and its left, top, right and bottom in points."""

    page: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class ChunkDraft:
    """A chunk before it is stored.

    `order` counts from 0 without gaps. `tokens` counts the document's tokens in the chunk,
    as LightRAG does: tokenized by itself, the chunk may have one or two more. Pages are
    None if the format has no pages.
    """

    order: int
    content: str
    tokens: int
    headings: tuple[str, ...] = ()
    page_first: int | None = None
    page_last: int | None = None
    positions: tuple[Position, ...] = ()
    anchor: str = ""
    start: int = 0
    end: int = 0
    """The characters of the document's text that are in the chunk."""


def order_at(
    drafts: Sequence[ChunkDraft], position: int, page: int | None
) -> int | None:
    """Return the order of the chunk at a position of the text; None without chunks.

    Between two chunks this is the first one. If the first one ends before `page`, it is
    the second.
    """
    if not drafts:
        return None
    ends = [draft.end for draft in drafts]
    order = min(bisect_left(ends, position), len(drafts) - 1)
    last_page = drafts[order].page_last
    is_earlier = page is not None and last_page is not None and last_page < page
    return order + 1 if is_earlier and order + 1 < len(drafts) else order


def draft(
    spans: Iterable[TextSpan],
    token_map: TokenMap,
    parsed: ParsedDocument,
    max_chunks: int,
) -> list[ChunkDraft]:
    """Return the drafts of all spans that are not blank. Raises TooManyChunks."""
    page_index = _PageIndex(parsed.pages)
    block_index = _BlockIndex(parsed.blocks)
    drafts = list[ChunkDraft]()
    for span in spans:
        content = (span.prefix + token_map.text[span.start : span.end]).strip()
        if not content:
            continue
        if len(drafts) == max_chunks:
            raise TooManyChunks(
                f"The document has more than MAX_DOCUMENT_CHUNKS ({max_chunks}) chunks. "
                "Use larger chunks, divide the document, or raise the limit."
            )
        size = token_map.count(span.start, span.end) + tokens.count(span.prefix)
        first, last = page_index.pages_of(span.start, span.end)
        positions, anchor = block_index.places_of(span.start, span.end)
        drafts.append(
            ChunkDraft(
                len(drafts),
                content,
                size,
                span.headings,
                first,
                last,
                positions,
                anchor,
                span.start,
                span.end,
            )
        )
    return drafts


class _PageIndex:
    """Lookup of the first and last page of a span."""

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


class _BlockIndex:
    """Lookup of the positions of the blocks in a span."""

    def __init__(self, blocks: Sequence[BlockSpan]) -> None:
        self.blocks = blocks
        self.starts = [block.start for block in blocks]
        self.ends = [block.end for block in blocks]

    def places_of(self, start: int, end: int) -> tuple[tuple[Position, ...], str]:
        """Return the positions of the blocks, and the first anchor."""
        first = bisect_right(self.ends, start)
        inside = self.blocks[first : bisect_left(self.starts, end)]
        positions = tuple(
            Position(block.page, (box.left, box.top, box.right, box.bottom))
            for block in inside[:MAX_POSITIONS]
            if block.page is not None and (box := block.box)
        )
        return positions, next((block.anchor for block in inside if block.anchor), "")
