"""Running headers and footers of a PDF: texts repeated at the edges of its pages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from documents.parsing.pdf.page import Page
from documents.parsing.pdf.parts import Part

MIN_PAGES = 3
"""Lower bound on the pages on which a running header occurs."""
MIN_NUMBERED = 2
"""The same lower bound for a header that begins or ends with the page number."""
EDGE = 0.12
"""The share of the page height, at the top and the bottom, in which headers are."""
SAME_HEIGHT = 12.0
"""Upper bound on the difference, in points, of the positions of a header on two pages."""
MAX_CHARS = 200
_DIGITS = re.compile(r"\d+|\b[ivxlc]+\b")
_PAGE_NUMBER = re.compile(
    r"(?:page|seite|\u7b2c|p\.)?\s*#(?:\s*(?:/|of|von|\u9875|\u9801)\s*#?)?",
    re.IGNORECASE,
)


def repeated(pages: Sequence[Page]) -> tuple[set[int], set[int]]:
    """Return the ids of the running headers to keep, and those of their repetitions.

    Texts that differ in their numbers only are equal; a bare page number is dropped
    everywhere.
    """
    occurrences = dict[tuple[str, int], list[Part]]()
    pages_of = defaultdict[tuple[str, int], set[int]](set)
    for page in pages:
        for part in page.parts:
            if _is_at_edge(part, page):
                text, row = key = _key(part)
                occurrences.setdefault(key, []).append(part)
                for near in (row - 1, row, row + 1):
                    pages_of[text, near].add(page.number)
    first = dict[str, int]()
    dropped = set[int]()
    for key, parts in occurrences.items():
        has_number = key[0].startswith("#") or key[0].endswith("#")
        if len(pages_of[key]) < (MIN_NUMBERED if has_number else MIN_PAGES):
            continue
        ids = [id(part) for part in parts]
        if not _PAGE_NUMBER.fullmatch(key[0]):
            first.setdefault(key[0], ids[0])
        dropped.update(ids)
    return set(first.values()), dropped - set(first.values())


def _is_at_edge(part: Part, page: Page) -> bool:
    middle = (part.box[1] + part.box[3]) / 2
    return (
        not part.rows
        and len(part.text) <= MAX_CHARS
        and not EDGE * page.height < middle < (1 - EDGE) * page.height
    )


def _key(part: Part) -> tuple[str, int]:
    text = _DIGITS.sub("#", part.text.casefold()).strip()
    return text, round(part.box[1] / SAME_HEIGHT)
