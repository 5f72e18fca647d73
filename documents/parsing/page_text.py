"""Pages joined into one text, with the position of each page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from documents.parsing import text_cleaning
from documents.parsing.parsed_document import PageSpan, ParsedDocument

Page = tuple[int | None, str]
"""A page's number (None where there are no pages) and its Markdown."""

SEPARATOR = "\n\n"
_DATA_IMAGE = re.compile(r"!\[([^\]]*)\]\(data:[^)]*\)")
_WORD = re.compile(r"\w+")


def join(pages: Iterable[Page], *, engine: str) -> ParsedDocument:
    """One Markdown text; pictures that stand in it as data leave their caption."""
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
    """Pages of a text in which `<marker><number>` stands before each of them."""
    first, *rest = re.split(rf"{marker}(\d+)", content)
    return [
        (None, first),
        *(
            (int(number), part)
            for number, part in zip(rest[::2], rest[1::2], strict=True)
        ),
    ]


def of_word(content: str, found: Sequence[tuple[int, str]]) -> list[Page]:
    """`content` cut where a Word file's pages begin, found by counting words.

    kreuzberg's pages of one spoil its tables, so they only tell how many words each
    holds. Where they do not say all that the content does, there are no pages;
    spreadsheets, e-books and web pages have none or empty ones.
    """
    counts = [len(_WORD.findall(part)) for _, part in found]
    words = [word.start() for word in _WORD.finditer(content)]
    if not words or sum(counts) != len(words):
        return [(None, content)]
    firsts = [sum(counts[:page]) for page in range(len(counts))]
    cuts = [_line_start(content, words[word]) for word in firsts if word < len(words)]
    ends = [*cuts[1:], len(content)]
    starts = [0, *cuts[1:]]
    return [
        (number, content[start:end])
        for (number, _), start, end in zip(found, starts, ends, strict=False)
    ]


def _line_start(text: str, char: int) -> int:
    return text.rfind("\n", 0, char) + 1
