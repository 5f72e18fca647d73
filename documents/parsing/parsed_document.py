"""What parsers return: blocks of text, and the document that is composed of them.

A parser of a format with structure yields `Block`s and calls `block_text.compose`. A parser
of plain or Markdown text returns a `ParsedDocument` without blocks, whose structure is
found by `documents.chunking.markdown_blocks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

BYTES_AS_BASE64 = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}
"""Pydantic's configuration of the classes that a child process returns as JSON."""


class Kind(StrEnum):
    """The kind of a block. Text that is beside the body is a NOTE or a MARGIN."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    """One item of a list; the text begins with the displayed bullet or number."""
    TABLE = "table"
    CODE = "code"
    FORMULA = "formula"
    """A displayed formula, in LaTeX."""
    FIGURE = "figure"
    """An image; the text is its caption or alternative text, and may be empty."""
    NOTE = "note"
    """A footnote, endnote, comment, annotation, slide note or text box."""
    MARGIN = "margin"
    """A page header or footer, which occurs once in the document."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, in points from the top left corner of the displayed page."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Image:
    """An image inside a document. `position` is the index of its block's first character."""

    __pydantic_config__: ClassVar = BYTES_AS_BASE64
    content: bytes
    media_type: str
    caption: str = ""
    page: int | None = None
    box: Box | None = None
    position: int = 0
    name: str = ""
    """The name of its file inside the document, if it has one."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside a file, such as an attachment of a mail or of a PDF."""

    __pydantic_config__: ClassVar = BYTES_AS_BASE64
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a document, in reading order. `text` is plain text without markup.

    A table has `rows` instead of `text`; the first `header_rows` are repeated in each chunk
    if the table is divided. `anchor` names a position in a format without pages, such as
    the name of a sheet.
    """

    kind: Kind
    text: str = ""
    level: int = 1
    """Of a heading: 1 to 6. Of a list item: 1 for an outer list."""
    page: int | None = None
    box: Box | None = None
    rows: tuple[tuple[str, ...], ...] = ()
    header_rows: int = 1
    language: str = ""
    """Of code: its programming language, in lower case."""
    anchor: str = ""
    image: Image | None = None


@dataclass(frozen=True, slots=True)
class PageSpan:
    """The characters `start` to `end` of a text, which are on page `number` (1-based)."""

    start: int
    end: int
    number: int


@dataclass(frozen=True, slots=True)
class BlockSpan:
    """The characters `start` to `end` of a text, which are one block."""

    start: int
    end: int
    kind: Kind
    title: str = ""
    """The text of a heading."""
    level: int = 1
    header_end: int = 0
    """Of a table: the end of the lines that are repeated if the table is divided."""
    page: int | None = None
    box: Box | None = None
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """The text of a document, cleaned by `documents.parsing.text_cleaning`.

    `markdown` is true if the text is Markdown, or if there are `blocks`. `pages` and
    `blocks` are sorted and do not overlap; `pages` are empty if the format has no pages,
    `blocks` if the parser returns text only. `warnings` are shown with the document.
    """

    text: str
    markdown: bool = False
    pages: tuple[PageSpan, ...] = ()
    engine: str = "text"
    blocks: tuple[BlockSpan, ...] = ()
    images: tuple[Image, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    warnings: tuple[str, ...] = ()
