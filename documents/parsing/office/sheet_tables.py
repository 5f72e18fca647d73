"""The tables of a sheet: its cells, divided at blank rows."""

from __future__ import annotations

from collections.abc import Iterator

from documents.parsing.parsed_document import Block, Kind

Cells = dict[int, dict[int, str]]
"""Displayed texts by row and column. Blank cells are missing."""

MAX_COLUMNS = 1000
"""Upper bound on the columns of a table."""


def blocks(cells: Cells, anchor: str) -> Iterator[Block]:
    """Yield a table for each group of rows; a group of single cells is a paragraph."""
    for rows in _groups(cells):
        columns = sorted({column for row in rows for column in cells[row]})
        columns = columns[:MAX_COLUMNS]
        table = [tuple(cells[row].get(c, "") for c in columns) for row in rows]
        while table and len(columns) > 1 and _filled(table[0]) == 1 < len(table):
            yield Block(Kind.PARAGRAPH, "".join(table.pop(0)), anchor=anchor)
        if len(columns) == 1 or len(table) == 1:
            lines = [" | ".join(filter(None, row)) for row in table]
            yield Block(Kind.PARAGRAPH, "\n".join(lines), anchor=anchor)
        elif table:
            yield Block(Kind.TABLE, rows=tuple(table), anchor=anchor)


def _groups(cells: Cells) -> Iterator[list[int]]:
    """Yield groups of consecutive row numbers."""
    group = list[int]()
    for row in sorted(cells):
        if group and row > group[-1] + 1:
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _filled(row: tuple[str, ...]) -> int:
    return sum(map(bool, row))
