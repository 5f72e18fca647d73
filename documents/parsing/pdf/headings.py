"""Headings of a PDF: short lines in larger or bold type above running text.

A wrong heading does more harm than a missing one, because it cuts sentences and becomes the
title of what follows. So a heading has to pass every test here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from documents.parsing import captions
from documents.parsing.pdf.parts import Part

LARGER = 1.12
"""Lower bound on the ratio of the size of a heading to that of the running text."""
MAX_WORDS = 14
MAX_CHARS = 110
MAX_LINES = 3
MAX_LEVEL = 6
MIN_LETTERS = 0.6
"""Lower bound on the share of letters."""
MAX_NUMBERS = 3
"""Upper bound on the numbers in a heading; an address has more."""
FOLLOWING_CHARS = 40
"""Lower bound on the length of the text below a heading in bold type."""
MIN_FOLLOWING = 12
"""Lower bound on the length of the text below any heading."""
MAX_SHARE = 0.6
"""If more parts than this share look like headings, their type does not mark headings."""
_NUMBER = re.compile(r"^(?:\d+(?:\.\d+)*\.?|[A-Z]\.|[IVX]+\.|§\s?\d+)\s+\S")
_DEPTH = re.compile(r"^\d+((?:\.\d+)*)\.?\s")
_CAPTION = re.compile(
    r"^(?:fig(?:ure|\.)?|table|tab\.|chart|algorithm|listing|source|note|abb(?:ildung|\.))"
    r"\s*[\dA-Z:.]",
    re.IGNORECASE,
)
_OPEN_END = re.compile(
    r"(?:[.,;:\-\u2013\u2014(/&。，、；：]|\b(?:a|an|and|as|at|by|for|from|in|of|on|or|the|to|with))$",
    re.IGNORECASE,
)
_NOT_A_TITLE = re.compile(
    r"[\U0001d400-\U0001d7ff@\u2022\u25cf=|<>{}\\_]|https?:|www\."
)
_NUMBERS = re.compile(r"\d+")
_BRACKETED = re.compile(r"[(（\[][^()（）\[\]]*[)）\]]")
"""Matches a translation or an explanation below a label of a drawing."""
_WORD = re.compile(r"[^\W\d_]{3}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2}")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def body_size(parts: Iterable[Part]) -> float:
    """Return the size of most characters."""
    sizes = Counter[float]()
    for part in parts:
        sizes[round(part.size, 1)] += len(part.text) + sum(
            len(cell) for row in part.rows for cell in row
        )
    return max(sizes, key=lambda size: sizes[size], default=0.0)


def levels(
    parts: Sequence[Part], outline: Mapping[str, int] | None = None
) -> dict[int, int]:
    """Return the level of each part that is a heading, by its position.

    `parts` are those of all pages that contain running text or tables.
    `outline` contains the titles of the document's outline (bookmarks) and their levels.
    """
    outline = outline or {}
    body = body_size(parts)
    bold_body = _is_mostly_bold(parts, body)
    candidates = list[int]()
    for index, part in enumerate(parts):
        following = parts[index + 1] if index + 1 < len(parts) else None
        if (
            _is_title(part)
            and _is_above(part, following)
            and (
                normal(part.text) in outline
                or part.size > LARGER * body
                or (not bold_body and _is_bold_heading(part, following, body))
            )
        ):
            candidates.append(index)
    if len(candidates) > max(2, MAX_SHARE * len(parts)):
        candidates = [i for i in candidates if normal(parts[i].text) in outline]
    ranks = _ranks(parts[index] for index in candidates)
    return {
        index: outline.get(normal(parts[index].text), ranks[_rank_key(parts[index])])
        for index in candidates
    }


def normal(text: str) -> str:
    """Return a title for comparison: without its number, case and spaces."""
    return re.sub(r"^[\d.\s]+|\W", "", text).casefold()


def _is_title(part: Part) -> bool:
    text = part.text
    if part.rows or (part.is_item and not _NUMBER.match(text)):
        return False
    words = text.split()
    letters = sum(char.isalpha() for char in text)
    first = next((char for char in text if char.isalpha()), "")
    return (
        len(words) <= MAX_WORDS
        and len(text) <= MAX_CHARS
        and part.line_count <= MAX_LINES
        and letters >= (2 if _CJK.search(text) else 3)
        and letters >= MIN_LETTERS * len(text.replace(" ", ""))
        and not first.islower()
        and bool(_WORD.search(text))
        and not _OPEN_END.search(text)
        and not _CAPTION.match(text)
        and not captions.is_caption(text)
        and not _NOT_A_TITLE.search(text)
        and len(_NUMBERS.findall(text)) <= MAX_NUMBERS
    )


def _is_above(part: Part, following: Part | None) -> bool:
    """Return whether text follows below; a label of a form has its text beside it."""
    return (
        following is not None
        and bool(following.rows or len(following.text) >= MIN_FOLLOWING)
        and not _BRACKETED.fullmatch(following.text)
        and following.box[1] > (part.box[1] + part.box[3]) / 2
        and min(part.box[2], following.box[2]) > max(part.box[0], following.box[0])
    )


def _is_bold_heading(part: Part, following: Part | None, body: float) -> bool:
    """Return whether a bold line in the size of the text precedes running text."""
    return (
        part.bold
        and part.line_count <= 2
        and part.size > 0.95 * body
        and following is not None
        and not following.bold
        and not following.rows
        and len(following.text) >= FOLLOWING_CHARS
    )


def _is_mostly_bold(parts: Sequence[Part], body: float) -> bool:
    usual = [part for part in parts if abs(part.size - body) < 0.06 and not part.rows]
    bold = sum(len(part.text) for part in usual if part.bold)
    return bold * 3 > sum(len(part.text) for part in usual)


def _ranks(headings: Iterable[Part]) -> dict[tuple[float, bool], int]:
    keys = sorted({_rank_key(part) for part in headings}, reverse=True)
    return {key: min(MAX_LEVEL, rank) for rank, key in enumerate(keys, start=1)}


def _rank_key(part: Part) -> tuple[float, bool]:
    return round(part.size), part.bold
