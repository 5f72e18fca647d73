"""The result of a parser."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageSpan:
    """The characters `start` to `end` of a text stand on page `number` (1-based)."""

    start: int
    end: int
    number: int


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A document's text, cleaned (`documents.parsing.text_cleaning`).

    `markdown` says whether `#`, `|` and fences in it mean anything. `pages` are sorted,
    do not overlap, and are empty where the format has none.
    """

    text: str
    markdown: bool = False
    pages: tuple[PageSpan, ...] = ()
    engine: str = "text"
