"""Markdown text -> its blocks, with the headings each stands under. Every character of
the text is in exactly one block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

MAX_FRONT_MATTER = 10_000


class Kind(Enum):
    """What a block is; tables and code are kept whole if they fit."""

    HEADING = auto()
    TABLE = auto()
    CODE = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Block:
    """The characters `start` to `end`, blank lines after them included."""

    start: int
    end: int
    kind: Kind
    path: tuple[str, ...]
    """The headings above it, outermost first; a heading is in its own path."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line and where it begins."""

    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*\n?")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*\n?")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_TABLE_RULE = re.compile(r" {0,3}\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-*:?[ \t]*)+\n?")
_FRONT_MATTER = re.compile(r"---[ \t]*\n.*?\n---[ \t]*(?:\n|\Z)", re.DOTALL)


def read(text: str) -> Iterator[Block]:
    """The blocks in order."""
    path = _Path()
    for start, end, kind, title in _spans(text):
        if kind is Kind.HEADING:
            path.enter(text[start:end], title)
        yield Block(start, end, kind, path.titles)


class _Path:
    """The open headings, by level."""

    def __init__(self) -> None:
        self.open: list[tuple[int, str]] = []
        self.titles: tuple[str, ...] = ()

    def enter(self, source: str, title: str) -> None:
        level = _level(source)
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
    matter = _FRONT_MATTER.match(text, 0, MAX_FRONT_MATTER)
    body = matter.end() if matter else 0
    if matter:
        yield 0, body, Kind.TEXT, ""
    lines = [Line(line.start(), line[0]) for line in _LINES.finditer(text, body)]
    at = 0
    while at < len(lines):
        until, kind, title = _block_at(lines, at)
        until = _past_blanks(lines, until)
        yield lines[at].start, lines[until - 1].end, kind, title
        at = until


def _block_at(lines: list[Line], at: int) -> tuple[int, Kind, str]:
    """The line after the block that begins at line `at`, its kind, a heading's title."""
    heading = _HEADING.fullmatch(lines[at].text)
    if heading:
        return at + 1, Kind.HEADING, (heading[2] or "").strip()
    fence = _FENCE.match(lines[at].text)
    if fence:
        return _after_fence(lines, at, fence[1]), Kind.CODE, ""
    if _begins_table(lines, at):
        return _after_table(lines, at), Kind.TABLE, ""
    if _is_underlined(lines, at):
        return at + 2, Kind.HEADING, lines[at].text.strip()
    return _after_text(lines, at), Kind.TEXT, ""


def _after_fence(lines: list[Line], at: int, fence: str) -> int:
    for number in range(at + 1, len(lines)):
        line = lines[number].text.strip()
        if line.startswith(fence) and not line.strip(fence[0]):
            return number + 1
    return len(lines)


def _begins_table(lines: list[Line], at: int) -> bool:
    if "|" not in lines[at].text or at + 1 >= len(lines):
        return False
    return _TABLE_RULE.fullmatch(lines[at + 1].text) is not None


def _after_table(lines: list[Line], at: int) -> int:
    for number in range(at, len(lines)):
        if "|" not in lines[number].text:
            return number
    return len(lines)


def _is_underlined(lines: list[Line], at: int) -> bool:
    if at + 1 >= len(lines) or not lines[at].text.strip():
        return False
    return _UNDERLINE.fullmatch(lines[at + 1].text) is not None


def _after_text(lines: list[Line], at: int) -> int:
    for number in range(at + 1, len(lines)):
        line = lines[number].text
        if not line.strip() or _HEADING.fullmatch(line) or _FENCE.match(line):
            return number
        if _begins_table(lines, number):
            return number
    return len(lines)


def _past_blanks(lines: list[Line], at: int) -> int:
    while at < len(lines) and not lines[at].text.strip():
        at += 1
    return at
