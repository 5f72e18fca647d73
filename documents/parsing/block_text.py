"""The text of a document, composed of its blocks, with the position of each block.

Headings, tables, code and formulas are written as in Markdown, but without escapes: the
structure is in the spans, and chunking does not read it from the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from documents.parsing import text_cleaning
from documents.parsing.parsed_document import (
    Attachment,
    Block,
    BlockSpan,
    Image,
    Kind,
    PageSpan,
    ParsedDocument,
)

MAX_IMAGE_BYTES = 128 * 1024**2
"""Upper bound on the images of a document that are kept in memory, and one more image."""
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")
MAX_PADDING = 4
"""A table is filled with empty cells up to this multiple of its cells. A file of 200 KB
with one long row and many short ones would otherwise become 36 million characters."""


def compose(
    blocks: Iterable[Block],
    *,
    engine: str,
    attachments: Sequence[Attachment] = (),
    warnings: Sequence[str] = (),
) -> ParsedDocument:
    """Return the document of these blocks; a blank block has no text and no span."""
    parts, spans, images = list[str](), list[BlockSpan](), list[Image]()
    length = image_bytes = 0
    previous: Kind | None = None
    for block in blocks:
        text, header_length = _render(block)
        separator = _separator(previous, block.kind) if parts and text else ""
        start = length + len(separator)
        if block.image and image_bytes < MAX_IMAGE_BYTES:
            page = block.image.page or block.page
            images.append(replace(block.image, position=start, page=page))
            image_bytes += len(block.image.content)
        if not text:
            continue
        parts += [separator, text]
        length = start + len(text)
        spans.append(_span(block, start, length, header_length))
        previous = block.kind
    return ParsedDocument(
        "".join(parts),
        markdown=True,
        pages=tuple(_pages(spans)),
        engine=engine,
        blocks=tuple(spans),
        images=tuple(images),
        attachments=tuple(attachments),
        warnings=tuple(warnings),
    )


def one_line(text: str) -> str:
    """Return a text with each run of whitespace replaced by one space."""
    return " ".join(text.split())


def _separator(previous: Kind | None, kind: Kind) -> str:
    return "\n" if previous is Kind.LIST is kind else "\n\n"


def _span(block: Block, start: int, end: int, header_length: int) -> BlockSpan:
    title = one_line(block.text) if block.kind is Kind.HEADING else ""
    return BlockSpan(
        start,
        end,
        block.kind,
        title=title,
        level=block.level,
        header_end=start + header_length,
        page=block.page,
        box=block.box,
        anchor=block.anchor,
    )


def _pages(spans: Iterable[BlockSpan]) -> list[PageSpan]:
    pages = list[PageSpan]()
    for span in spans:
        if span.page is None:
            continue
        if pages and pages[-1].number == span.page:
            pages[-1] = replace(pages[-1], end=span.end)
        else:
            pages.append(PageSpan(span.start, span.end, span.page))
    return pages


def _render(block: Block) -> tuple[str, int]:
    """Return the text of a block, and the length of the header of a table."""
    match block.kind:
        case Kind.TABLE:
            return _table(block)
        case Kind.CODE:
            code = text_cleaning.clean(block.text).strip("\n")
            return (f"```{block.language}\n{code}\n```" if code.strip() else ""), 0
        case Kind.FORMULA:
            formula = text_cleaning.clean(block.text).strip()
            return (f"$$\n{formula}\n$$" if formula else ""), 0
        case Kind.HEADING:
            title = one_line(text_cleaning.clean(block.text))
            return (f"{'#' * min(6, block.level)} {title}" if title else ""), 0
        case Kind.LIST:
            item = _lines(block.text)
            return (f"{'  ' * (block.level - 1)}{item}" if item else ""), 0
        case _:
            return _lines(block.text), 0


def _lines(text: str) -> str:
    """Return the lines of a text without spaces at their ends and runs of spaces."""
    text = _SPACES.sub(" ", text_cleaning.clean(text))
    return _BLANK_LINES.sub(
        "\n\n", text.replace(" \n", "\n").replace("\n ", "\n")
    ).strip()


def _table(block: Block) -> tuple[str, int]:
    rows = [[one_line(text_cleaning.clean(cell)) for cell in row] for row in block.rows]
    if not any(map(any, rows)):
        return "", 0
    width = max(map(len, rows))
    if width * len(rows) <= MAX_PADDING * (sum(map(len, rows)) + width):
        rows = [row + [""] * (width - len(row)) for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    rule = "|" + " --- |" * width
    head = max(1, min(block.header_rows, len(lines)))
    header = "\n".join([*lines[:head], rule])
    return "\n".join([header, *lines[head:]]), len(header)
