"""Blocks of a document, with their headings, from its parser or from Markdown.

Every character of the text is in exactly one block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from documents.parsing import parsed_document
from documents.parsing.parsed_document import BlockSpan, ParsedDocument

MAX_FRONT_MATTER_CHARS = 10_000
"""Upper bound on the length of front matter."""

MAX_TITLE_CHARS = 500
"""Upper bound on the length of a title: each chunk of the section repeats it."""


class Kind(Enum):
    """The kind of a block; tables and code are not divided if they fit into a chunk."""

    HEADING = auto()
    TABLE = auto()
    CODE = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Block:
    """The characters `start` to `end`, including the blank lines after the block."""

    start: int
    end: int
    kind: Kind
    path: tuple[str, ...]
    """The headings of the block's section, outermost first, including the block itself."""
    header_end: int = 0
    """Of a table: the end of the lines that are repeated if the table is divided."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line and the position of its first character."""

    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_HEADING = re.compile(r" {0,3}(#{1,6})(?=[ \t\n]|\Z)")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*\n?")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_TABLE_RULE = re.compile(
    r" {0,3}\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-*+:?[ \t]*+)++\n?"
)
_FRONT_MATTER = re.compile(r"---[ \t]*\n.*?\n---[ \t]*(?:\n|\Z)", re.DOTALL)


_KINDS = {
    parsed_document.Kind.HEADING: Kind.HEADING,
    parsed_document.Kind.TABLE: Kind.TABLE,
    parsed_document.Kind.CODE: Kind.CODE,
}
"""The kinds of a parser's blocks; the others are TEXT."""


def of_document(parsed: ParsedDocument) -> Iterator[Block]:
    """Return the blocks that the parser found, or those of the Markdown text."""
    if parsed.blocks:
        return _of_spans(parsed.blocks, len(parsed.text))
    return split(parsed.text)


def _of_spans(spans: Sequence[BlockSpan], length: int) -> Iterator[Block]:
    path = _Path()
    starts = [0, *(span.start for span in spans[1:]), length]
    for span, (start, end) in zip(spans, pairwise(starts), strict=True):
        kind = _KINDS.get(span.kind, Kind.TEXT)
        if kind is Kind.HEADING:
            path.enter(span.level, span.title)
        yield Block(start, end, kind, path.titles, span.header_end)


def split(text: str) -> Iterator[Block]:
    """Return the blocks of a Markdown text in order."""
    path = _Path()
    for start, end, kind, title in _spans(text):
        if kind is Kind.HEADING:
            path.enter(_level(text[start:end]), title)
        header_end = _end_of_header(text, start) if kind is Kind.TABLE else 0
        yield Block(start, end, kind, path.titles, header_end)


def _end_of_header(text: str, start: int) -> int:
    """Return the end of the second line of a table, its rule."""
    first = text.find("\n", start)
    return text.find("\n", first + 1) if text.find("\n", first + 1) > 0 else len(text)


class _Path:
    """The headings of the current section, with their levels."""

    def __init__(self) -> None:
        self.open: list[tuple[int, str]] = []
        self.titles: tuple[str, ...] = ()

    def enter(self, level: int, title: str) -> None:
        self.open = [heading for heading in self.open if heading[0] < level]
        self.open.append((level, title))
        self.titles = tuple(title for _, title in self.open if title)


def _level(source: str) -> int:
    heading = _HEADING.match(source)
    if heading:
        return len(heading[1])
    return 1 if "=" in source.rstrip().rsplit("\n", 1)[-1] else 2


Span = tuple[int, int, Kind, str]


def _spans(text: str) -> Iterator[Span]:
    matter = _FRONT_MATTER.match(text, 0, MAX_FRONT_MATTER_CHARS)
    body = matter.end() if matter else 0
    if matter:
        yield 0, body, Kind.TEXT, ""
    lines = [Line(line.start(), line[0]) for line in _LINES.finditer(text, body)]
    first = 0
    while first < len(lines):
        end, kind, title = _block_at(lines, first)
        end = _skip_blank_lines(lines, end)
        yield lines[first].start, lines[end - 1].end, kind, title
        first = end


def _block_at(lines: list[Line], at: int) -> tuple[int, Kind, str]:
    """Return the line after the block that begins at line `at`, its kind and its title.

    Only a heading has a title.
    """
    heading = _HEADING.match(lines[at].text)
    if heading:
        return at + 1, Kind.HEADING, _title(lines[at].text[heading.end() :])
    fence = _FENCE.match(lines[at].text)
    if fence:
        return _end_of_code(lines, at, fence[1]), Kind.CODE, ""
    if _begins_table(lines, at):
        return _end_of_table(lines, at), Kind.TABLE, ""
    if _is_underlined(lines, at):
        return at + 2, Kind.HEADING, lines[at].text.strip()[:MAX_TITLE_CHARS]
    return _end_of_text(lines, at), Kind.TEXT, ""


def _title(source: str) -> str:
    """Return the title of a heading without its closing `#` characters."""
    title = source.strip()
    text = title.rstrip("#")
    if not text or text[-1] in " \t":
        title = text.strip()
    return title[:MAX_TITLE_CHARS]


def _end_of_code(lines: list[Line], at: int, fence: str) -> int:
    for number in range(at + 1, len(lines)):
        line = lines[number].text.strip()
        if line.startswith(fence) and not line.strip(fence[0]):
            return number + 1
    return len(lines)


def _begins_table(lines: list[Line], at: int) -> bool:
    if "|" not in lines[at].text or at + 1 >= len(lines):
        return False
    return _TABLE_RULE.fullmatch(lines[at + 1].text) is not None


def _end_of_table(lines: list[Line], at: int) -> int:
    for number in range(at, len(lines)):
        if "|" not in lines[number].text:
            return number
    return len(lines)


def _is_underlined(lines: list[Line], at: int) -> bool:
    if at + 1 >= len(lines) or not lines[at].text.strip():
        return False
    return _UNDERLINE.fullmatch(lines[at + 1].text) is not None


def _end_of_text(lines: list[Line], at: int) -> int:
    for number in range(at + 1, len(lines)):
        line = lines[number].text
        if not line.strip() or _HEADING.match(line) or _FENCE.match(line):
            return number
        if _begins_table(lines, number):
            return number
    return len(lines)


def _skip_blank_lines(lines: list[Line], at: int) -> int:
    while at < len(lines) and not lines[at].text.strip():
        at += 1
    return at
