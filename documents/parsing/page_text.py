"""Pages joined into one text, with the position of each page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate

from documents.parsing import text_cleaning
from documents.parsing.parsed_document import PageSpan, ParsedDocument

Page = tuple[int | None, str]
"""The number of a page (None if the format has no pages) and its Markdown."""

SEPARATOR = "\n\n"
_DATA_IMAGE = re.compile(r"!\[([^\[\]]*+)\]\(data:[^()]*+\)")
_WORD = re.compile(r"\w+")


def join(pages: Iterable[Page], *, engine: str) -> ParsedDocument:
    """Join pages into one Markdown text; replace embedded images by their captions."""
    text, spans = "", list[PageSpan]()
    parts = list[str]()
    length = 0
    for number, raw in pages:
        part = text_cleaning.clean(_DATA_IMAGE.sub(r"\1", raw)).strip()
        if not part:
            continue
        start = length + len(SEPARATOR) if parts else 0
        length = start + len(part)
        parts.append(part)
        if number is not None:
            spans.append(PageSpan(start, length, number))
    text = SEPARATOR.join(parts)
    return ParsedDocument(text, markdown=True, pages=tuple(spans), engine=engine)


def split_at_marker(content: str, marker: str) -> list[Page]:
    """Split a text in which `<marker><number>` precedes each page."""
    first, *marked = re.split(rf"{marker}(\d+)", content)
    return [
        (None, first),
        *(
            (int(number), part)
            for number, part in zip(marked[::2], marked[1::2], strict=True)
        ),
    ]


def split_by_word_counts(content: str, pages: Sequence[tuple[int, str]]) -> list[Page]:
    """Split `content` where the pages of a Word file begin, found by counting words.

    kreuzberg's pages of a Word file have damaged tables, so only their word counts are
    used. If the counts do not add up to the words of `content`, the result is one page
    without a number. This applies to spreadsheets, e-books and web pages, which have no
    pages or empty ones.
    """
    counts = [len(_WORD.findall(part)) for _, part in pages]
    words = [word.start() for word in _WORD.finditer(content)]
    if not words or sum(counts) != len(words):
        return [(None, content)]
    firsts = [0, *accumulate(counts[:-1])]
    cuts = [_line_start(content, words[word]) for word in firsts if word < len(words)]
    ends = [*cuts[1:], len(content)]
    starts = [0, *cuts[1:]]
    return [
        (number, content[start:end])
        for (number, _), start, end in zip(pages, starts, ends, strict=False)
    ]


def _line_start(text: str, char: int) -> int:
    return text.rfind("\n", 0, char) + 1
