"""Tables of a PDF page whose cells are divided by lines."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from documents.parsing.pdf.lines import WIDE_SPACE, Line
from documents.parsing.pdf.rulings import SLACK, Grid
from documents.parsing.pdf.words import Word

MIN_FILLED = 0.4
"""Lower bound on the share of the cells of a table that contain text."""
WRAPPED = 0.75
"""A line that is longer than this share of its ruled cell may be wrapped."""
MAX_WIDE = 0.15
"""Upper bound on the share of the lines in ruled cells that have a gap as between columns."""


@dataclass(slots=True)
class Table:
    """The cells of a table by row, and its place in the frame of its text."""

    rows: list[list[str]]
    x0: float
    y0: float
    x1: float
    y1: float
    size: float = 0.0
    """Line height of its text."""


def ruled(grid: Grid, words: Sequence[Word]) -> tuple[Table, list[Word]] | None:
    """Return the table in a grid and its words, or None if it has few cells with text."""
    inside = [word for word in words if _contains(grid, word)]
    cells = _cells(grid, inside)
    rows = [
        row
        for number in range(_count(grid.rows))
        for row in _text_rows(
            [cells.get((number, column), []) for column in range(_count(grid.columns))],
            grid.columns,
        )
    ]
    if _is_frame(cells.values()):
        return None
    filled = sum(bool(cell) for row in rows for cell in row)
    cell_count = len(set(_merged_cells(grid).values()))
    multi = sum(sum(map(bool, row)) > 1 for row in rows)
    if filled < max(3, MIN_FILLED * cell_count) or multi < 2:
        return None
    box = (grid.columns[0], grid.rows[0], grid.columns[-1], grid.rows[-1])
    size = statistics.median(word.height for word in inside)
    return Table([row for row in rows if any(row)], *box, size), inside


def _is_frame(cells: Iterable[list[list[Word]]]) -> bool:
    """Return whether the cells contain columns of their own: boxes around parts of a page."""
    lines = [line for cell in cells for line in cell]
    wide = sum(
        any(
            second.x0 - first.x1 > WIDE_SPACE * first.height
            for first, second in itertools.pairwise(line)
        )
        for line in lines
    )
    return wide > MAX_WIDE * len(lines)


def _cells(
    grid: Grid, words: Iterable[Word]
) -> dict[tuple[int, int], list[list[Word]]]:
    """Return the lines of words of each cell.

    A cell that spans rows and has lines in several of them is not merged: its right
    neighbours have lines at these places, for example.
    """
    single = dict[tuple[int, int], list[Word]]()
    for word in words:
        row = _index(grid.rows, (word.y0 + word.y1) / 2)
        column = _index(grid.columns, (word.x0 + word.x1) / 2)
        single.setdefault((row, column), []).append(word)
    origin = _merged_cells(grid)
    rows_with_text = dict[tuple[int, int], set[int]]()
    for cell in single:
        rows_with_text.setdefault(origin[cell], set()).add(cell[0])
    merged = dict[tuple[int, int], list[Word]]()
    for cell, members in single.items():
        first = origin[cell]
        spread = len(rows_with_text[first]) > 1
        target = (cell[0], first[1]) if spread else first
        merged.setdefault(target, []).extend(members)
    return {cell: _lines(members) for cell, members in merged.items()}


def _text_rows(
    cells: Sequence[list[list[Word]]], borders: Sequence[float]
) -> list[list[str]]:
    """Return the rows of text between two lines: several if their baselines agree.

    Some tables have lines only between groups of rows. But if the first lines fill their
    cells or are much longer than the others, the texts are wrapped.
    """
    counts = [len(lines) for lines in cells if lines]
    most = max(counts, default=0)
    if (
        most > 1
        and counts.count(most) >= max(3, 0.6 * len(counts))
        and not all(
            _is_wrapped(lines, borders[column + 1] - borders[column])
            for column, lines in enumerate(cells)
            if len(lines) == most
        )
    ):
        return [
            [
                _text(lines[index : index + 1] if len(lines) == most else lines)
                if index == 0 or len(lines) == most
                else ""
                for lines in cells
            ]
            for index in range(most)
        ]
    return [[_text(lines) for lines in cells]]


def _is_wrapped(lines: Sequence[Sequence[Word]], width: float) -> bool:
    first, *others = [line[-1].x1 - line[0].x0 for line in lines]
    return first > WRAPPED * width or max(others) < first / 2


def _count(borders: Sequence[float]) -> int:
    return len(borders) - 1


def _contains(grid: Grid, word: Word) -> bool:
    x, y = (word.x0 + word.x1) / 2, (word.y0 + word.y1) / 2
    return (
        grid.columns[0] - SLACK < x < grid.columns[-1] + SLACK
        and grid.rows[0] - SLACK < y < grid.rows[-1] + SLACK
    )


def _index(borders: Sequence[float], position: float) -> int:
    """Return the number of the row or column that contains a position."""
    inner = sum(border <= position for border in borders) - 1
    return min(max(inner, 0), len(borders) - 2)


def _merged_cells(grid: Grid) -> dict[tuple[int, int], tuple[int, int]]:
    """Map each cell of the grid to the first cell of its merged cell.

    Neighbouring cells are merged if no line is drawn between them.
    """
    origin = dict[tuple[int, int], tuple[int, int]]()
    for row in range(_count(grid.rows)):
        y = (grid.rows[row] + grid.rows[row + 1]) / 2
        for column in range(_count(grid.columns)):
            x = (grid.columns[column] + grid.columns[column + 1]) / 2
            cell = (row, column)
            left, top = grid.columns[column], grid.rows[row]
            if column and not grid.divides(horizontal=False, position=left, at=y):
                cell = origin[row, column - 1]
            elif row and not grid.divides(horizontal=True, position=top, at=x):
                cell = origin[row - 1, column]
            origin[row, column] = cell
    return origin


def _lines(words: Iterable[Word]) -> list[list[Word]]:
    lines = list[list[Word]]()
    for word in sorted(words, key=lambda word: word.base):
        last = lines[-1][0] if lines else None
        if last and word.base - last.base < 0.5 * max(word.height, last.height):
            lines[-1].append(word)
        else:
            lines.append([word])
    return [sorted(line, key=lambda word: word.x0) for line in lines]


def _text(lines: Iterable[Sequence[Word]]) -> str:
    return " ".join(Line.of(line).text for line in lines)
