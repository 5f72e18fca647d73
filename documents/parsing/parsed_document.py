"""The result of a parser."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageSpan:
    """The characters `start` to `end` of a text, which are on page `number` (1-based)."""

    start: int
    end: int
    number: int


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """The text of a document, cleaned by `documents.parsing.text_cleaning`.

    `markdown` is true if the text is Markdown. `pages` are sorted and do not overlap; they
    are empty if the format has no pages.
    """

    text: str
    markdown: bool = False
    pages: tuple[PageSpan, ...] = ()
    engine: str = "text"
