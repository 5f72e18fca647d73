"""A span of a document's text that becomes a chunk."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """The characters `start` to `end`, `prefix` put before them (a table's header).

    `headings` are those it stands under, outermost first.
    """

    start: int
    end: int
    headings: tuple[str, ...] = ()
    prefix: str = ""
