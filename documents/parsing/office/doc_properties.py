"""Paragraph properties and lists of Word files before 2007, see [MS-DOC]."""

from __future__ import annotations

import struct
from bisect import bisect_right
from dataclasses import dataclass, field

from documents.parsing.office.numbering import WordLevel, WordLists

PAGE_BYTES = 512
_STYLES, _PARAGRAPH_BINS, _LISTS, _LIST_OVERRIDES = 1, 13, 73, 74
_IN_TABLE, _ROW_END, _OUTLINE, _LEVEL, _LIST = 0x2416, 0x2417, 0x2640, 0x260A, 0x460B
_SIZES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
_TITLE_STYLE = 62
_FORMATS = {
    0: "decimal",
    1: "upperRoman",
    2: "lowerRoman",
    3: "upperLetter",
    4: "lowerLetter",
    22: "decimalZero",
    23: "bullet",
    255: "none",
}


@dataclass(frozen=True, slots=True)
class Properties:
    """What is used of a paragraph's properties; `level` is that of a heading, or 0."""

    in_table: bool = False
    row_end: bool = False
    level: int = 0
    number: tuple[int, int] = (0, 0)
    """The list override, or 0, and the level in the list from 0."""


@dataclass(slots=True)
class Paragraphs:
    """The properties of paragraphs by their offset in the file."""

    starts: list[int] = field(default_factory=list)
    properties: list[Properties] = field(default_factory=list)

    @classmethod
    def of(cls, main: bytes, table: bytes) -> Paragraphs:
        """Read the pages of paragraph properties that the bin table lists."""
        paragraphs = cls()
        styles = _styles(_structure(main, table, _STYLES))
        bins = _structure(main, table, _PARAGRAPH_BINS)
        count = max(0, (len(bins) - 4) // 8)
        entries = list[tuple[int, Properties]]()
        for index in range(count):
            page = (
                struct.unpack_from("<I", bins, 4 * (count + 1) + 4 * index)[0]
                & 0x3FFFFF
            )
            entries += _page(main[page * PAGE_BYTES : (page + 1) * PAGE_BYTES], styles)
        entries.sort(key=lambda entry: entry[0])
        paragraphs.starts = [start for start, _ in entries]
        paragraphs.properties = [properties for _, properties in entries]
        return paragraphs

    def at(self, offset: int) -> Properties:
        """Return the properties of the paragraph that contains the character there."""
        index = bisect_right(self.starts, offset) - 1
        return self.properties[index] if index >= 0 else Properties()


def _structure(main: bytes, table: bytes, index: int) -> bytes:
    at = 154 + 8 * index
    if at + 8 > len(main):
        return b""
    offset, length = struct.unpack_from("<II", main, at)
    return table[offset : offset + length]


def _page(page: bytes, styles: dict[int, Properties]) -> list[tuple[int, Properties]]:
    if len(page) < PAGE_BYTES:
        return []
    count = page[-1]
    entries = list[tuple[int, Properties]]()
    for index in range(min(count, 29)):
        start = struct.unpack_from("<I", page, 4 * index)[0]
        at = page[4 * (count + 1) + 13 * index] * 2
        if not at:
            entries.append((start, styles.get(0, Properties())))
            continue
        size = page[at] * 2 - 1 if page[at] else page[at + 1] * 2
        at += 1 if page[at] else 2
        data = page[at : at + size]
        if len(data) < 2:
            continue
        style = styles.get(struct.unpack_from("<H", data)[0], Properties())
        entries.append((start, _applied(style, data[2:])))
    return entries


def _applied(base: Properties, changes: bytes) -> Properties:
    """Return properties with the changes of a list of `sprm`."""
    in_table, row_end, level = base.in_table, base.row_end, base.level
    number, depth = base.number
    for code, operand in _sprms(changes):
        value = int.from_bytes(operand[:2], "little")
        match code:
            case 0x2416:
                in_table = bool(value)
            case 0x2417:
                row_end = bool(value)
            case 0x2640:
                level = value + 1 if value < 9 else 0
            case 0x260A:
                depth = value
            case 0x460B:
                number = value if value < 0x7FFF else 0
    return Properties(in_table, row_end, level, (number, depth))


def _sprms(data: bytes) -> list[tuple[int, bytes]]:
    changes, at = list[tuple[int, bytes]](), 0
    while at + 2 < len(data):
        code = struct.unpack_from("<H", data, at)[0]
        at += 2
        kind = code >> 13
        if kind != 6:
            size = _SIZES[kind]
        elif code == 0xD608:
            size = (
                struct.unpack_from("<H", data, at)[0] + 1 if at + 2 <= len(data) else 0
            )
        else:
            size = data[at] + 1
        changes.append((code, data[at : at + size]))
        at += size
    return changes


def _styles(sheet: bytes) -> dict[int, Properties]:
    """Return the properties of the paragraph styles by index."""
    if len(sheet) < 6:
        return {}
    size, count, base_size = struct.unpack_from("<HHH", sheet)
    at = 2 + size
    styles = dict[int, Properties]()
    for index in range(count):
        if at + 2 > len(sheet):
            break
        length = struct.unpack_from("<H", sheet, at)[0]
        definition = sheet[at + 2 : at + 2 + length]
        at += 2 + length + length % 2
        if len(definition) >= 10:
            styles[index] = _style(definition, base_size, styles)
    return styles


def _style(
    definition: bytes, base_size: int, styles: dict[int, Properties]
) -> Properties:
    identifier, kind = struct.unpack_from("<HH", definition)
    based_on = styles.get(kind >> 4, Properties())
    if kind & 0xF != 1:  # not a paragraph style
        return Properties()
    at = base_size
    if at + 2 > len(definition):
        return based_on
    at += 2 + 2 * struct.unpack_from("<H", definition, at)[0] + 2
    changes = b""
    if at + 2 <= len(definition):
        length = struct.unpack_from("<H", definition, at)[0]
        changes = definition[at + 4 : at + 2 + length]
    properties = _applied(based_on, changes)
    identifier &= 0xFFF
    level = (
        identifier if 1 <= identifier <= 9 else 1 if identifier == _TITLE_STYLE else 0
    )
    return Properties(
        properties.in_table,
        properties.row_end,
        level or properties.level,
        properties.number,
    )


def word_lists(main: bytes, table: bytes) -> WordLists:
    """Return the lists of a document by the number of their override, from 1."""
    lists = _lists(main, table)
    result = WordLists()
    overrides = _structure(main, table, _LIST_OVERRIDES)
    count = struct.unpack_from("<I", overrides)[0] if len(overrides) >= 4 else 0
    for index in range(min(count, (len(overrides) - 4) // 16)):
        identifier = struct.unpack_from("<i", overrides, 4 + 16 * index)[0]
        number = str(index + 1)
        result.abstract[number] = str(identifier)
        for depth, level in enumerate(lists.get(identifier, [])):
            result.levels[number, depth] = level
    return result


def _lists(main: bytes, table: bytes) -> dict[int, list[WordLevel]]:
    at = 154 + 8 * _LISTS
    if at + 8 > len(main):
        return {}
    offset, length = struct.unpack_from("<II", main, at)
    if length < 2:
        return {}
    count = struct.unpack_from("<h", table, offset)[0]
    at = offset + 2 + 28 * count
    lists = dict[int, list[WordLevel]]()
    for index in range(count):
        start = offset + 2 + 28 * index
        identifier = struct.unpack_from("<i", table, start)[0]
        depth = 1 if table[start + 26] & 1 else 9
        levels = list[WordLevel]()
        for _ in range(depth):
            level, at = _level(table, at)
            levels.append(level)
        lists[identifier] = levels
    return lists


def _level(table: bytes, at: int) -> tuple[WordLevel, int]:
    start, kind = struct.unpack_from("<iB", table, at)
    characters, paragraphs = table[at + 24], table[at + 25]
    at += 28 + characters + paragraphs
    length = struct.unpack_from("<H", table, at)[0]
    units = struct.unpack_from(f"<{length}H", table, at + 2)
    text = "".join(f"%{unit + 1}" if unit < 9 else chr(unit) for unit in units)
    return WordLevel(_FORMATS.get(kind, "decimal"), text, start), at + 2 + 2 * length
