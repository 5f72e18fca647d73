"""Tables of a PDF page: cells in a ruled grid, or short texts aligned in columns."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from documents.parsing.pdf.lines import (
    MIN_COMMON,
    WIDE_SPACE,
    Line,
    begin_together,
    common_columns,
    rows_of,
)
from documents.parsing.pdf.rulings import SLACK, Grid
from documents.parsing.pdf.words import Word

MIN_FILLED = 0.4
"""Lower bound on the share of the cells of a table that contain text."""
ROW_DISTANCE = 3.2
"""Upper bound on the distance of two rows of a table without lines, in line heights."""
CELL_CHARS = 26
"""A column whose cells are longer on average contains running text."""
MIN_ROWS = 3
"""Lower bound on the rows of a table without lines."""
MAX_WIDE = 0.15
"""Upper bound on the share of the lines in ruled cells that have a gap as between columns."""
DENSE_ROWS = 0.6
"""Lower bound on the share of rows with text in a third of their cells."""
FULL_CELL = 0.7
"""A line that is longer than this share of its column's width may be wrapped."""
MAX_COLUMNS = 30


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
            [cells.get((number, column), []) for column in range(_count(grid.columns))]
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


def _text_rows(cells: Sequence[list[list[Word]]]) -> list[list[str]]:
    """Return the rows of text between two lines: several if their baselines agree.

    Some tables have lines only between groups of rows.
    """
    counts = [len(lines) for lines in cells if lines]
    most = max(counts, default=0)
    if most > 1 and counts.count(most) >= max(3, 0.6 * len(counts)):
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
    """Return, for each cell, the first cell of those merged with it: no line divides them."""
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
        if last and word.base - last.base < 0.5 * last.height:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [sorted(line, key=lambda word: word.x0) for line in lines]


def _text(lines: Iterable[Sequence[Word]]) -> str:
    return " ".join(Line.of(line).text for line in lines)


def aligned(lines: Sequence[Line]) -> list[tuple[Table, list[Line]]]:
    """Return the tables that have no vertical rules, each with its lines of text."""
    result = list[tuple[Table, list[Line]]]()
    for run in _runs(_with_centered(rows_of(lines))):
        table = _table(run)
        if table:
            result.append((table, [line for row in run for line in row]))
    return result


def _runs(rows: Sequence[list[Line]]) -> list[list[list[Line]]]:
    """Return the runs of close rows of which nearly all have two or more texts."""
    runs, run = list[list[list[Line]]](), list[list[Line]]()
    for row, following in zip(rows, [*rows[1:], []], strict=True):
        close = run and row[0].y0 - run[-1][0].y0 < ROW_DISTANCE * run[-1][0].size
        if (
            run
            and close
            and (
                len(row) > 1
                or (len(run[-1]) > 1 and _fits(run, row[0]))
                or _is_remark(run[-1], row, following)
            )
        ):
            run.append(row)
            continue
        runs.append(run)
        run = [row] if len(row) > 1 else []
    runs.append(run)
    trimmed = [_trimmed(run) for run in runs]
    return [run for run in trimmed if _has_rows(run)]


def _has_rows(run: Sequence[Sequence[Line]]) -> bool:
    """Return whether a run has enough rows: a head and one row if their columns agree."""
    full = [row for row in run if len(row) > 1]
    return len(full) >= MIN_ROWS or (
        len(full) == len(run) == 2 and common_columns(*full) >= MIN_COMMON
    )


def _is_remark(
    above: Sequence[Line], row: Sequence[Line], below: Sequence[Line]
) -> bool:
    """Return whether a lone text belongs to a cell of the row above and exceeds it.

    The rows above and below it are rows of one table.
    """
    return (
        len(row) == 1
        and any(begin_together(row[0], line) for line in above)
        and common_columns(above, below or above) >= MIN_COMMON
    )


def _with_centered(rows: Iterable[list[Line]]) -> list[list[Line]]:
    """Join a row to that above if it lies half a line lower, and beside all its texts.

    A cell that spans two rows is often centered between them.
    """
    result = list[list[Line]]()
    for row in rows:
        above = result[-1] if result else []
        near = above and row[0].base - above[0].base < 0.75 * above[0].size
        if near and all(
            min(line.x1, other.x1) < max(line.x0, other.x0)
            for line in row
            for other in above
        ):
            result[-1] = sorted([*above, *row], key=lambda line: line.x0)
        else:
            result.append(row)
    return result


def _trimmed(run: list[list[Line]]) -> list[list[Line]]:
    while run and len(run[-1]) < 2:
        run = run[:-1]
    return run


def _fits(run: Sequence[Sequence[Line]], line: Line) -> bool:
    """Return whether a lone text lies within one column of the row above it."""
    touching = [
        other
        for other in run[-1]
        if min(other.x1, line.x1) - max(other.x0, line.x0) > 0
    ]
    return len(touching) <= 1 and len(line.text) < 2 * CELL_CHARS


def _table(run: Sequence[Sequence[Line]]) -> Table | None:
    columns = _columns(run)
    if not 2 <= len(columns) <= MAX_COLUMNS:
        return None
    rows = list[list[str]]()
    for row in run:
        cells = [""] * len(columns)
        for line in row:
            index = _column_of(line, columns)
            cells[index] = f"{cells[index]} {line.text}".strip()
        rows.append(cells)
    remarks = [_exceeds(row, columns) for row in run]
    if not _is_tabular(
        [r for r, exceeds in zip(rows, remarks, strict=True) if not exceeds]
    ):
        return None
    rows = _with_wrapped_cells(run, rows, columns)
    lines = [line for row in run for line in row]
    return Table(
        rows,
        min(line.x0 for line in lines),
        min(line.y0 for line in lines),
        max(line.x1 for line in lines),
        max(line.y1 for line in lines),
        statistics.median(line.size for line in lines),
    )


def _columns(run: Iterable[Sequence[Line]]) -> list[tuple[float, float]]:
    """Return the intervals of the columns; a text over two of them does not join them."""
    lines = sorted(
        (line for row in run if len(row) > 1 for line in row),
        key=lambda line: line.x1 - line.x0,
    )
    columns = list[tuple[float, float]]()
    for line in lines:
        touching = [c for c in columns if min(c[1], line.x1) - max(c[0], line.x0) > 0]
        if len(touching) > 1:
            continue
        for column in touching:
            columns.remove(column)
        edges = [line.x0, line.x1, *(edge for column in touching for edge in column)]
        columns.append((min(edges), max(edges)))
    return sorted(columns)


def _column_of(line: Line, columns: Sequence[tuple[float, float]]) -> int:
    for index, (left, right) in enumerate(columns):
        if min(right, line.x1) - max(left, line.x0) > 0:
            return index
    return min(
        range(len(columns)),
        key=lambda index: abs(
            columns[index][0] + columns[index][1] - line.x0 - line.x1
        ),
    )


def _is_tabular(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the cells are those of a table and not lines of text in columns."""
    width = len(rows[0])
    cells = [[row[index] for row in rows if row[index]] for index in range(width)]
    dense = sum(sum(map(bool, row)) >= max(2, width / 3) for row in rows)
    usual = sum(len(column) >= 0.5 * len(rows) for column in cells)
    running = sum(
        statistics.mean(map(len, column)) > CELL_CHARS for column in cells if column
    )
    if usual < 2 or dense < DENSE_ROWS * len(rows) or _is_numbered(cells):
        return False
    full = [column for column in cells if len(column) > 0.5 * len(rows)]
    if full and all(map(is_axis, full)):
        return False
    return running == 0 or (running == 1 and (width > 2 or len(rows) > MIN_ROWS))


def is_axis(cells: Sequence[str]) -> bool:
    """Return whether texts are numbers at equal steps, as at the axis of a chart."""
    numbers = [number(cell) for cell in cells]
    if any(map(math.isnan, numbers)):
        return False
    steps = [second - first for first, second in itertools.pairwise(numbers)]
    mean = abs(numbers[-1] - numbers[0]) / max(1, len(steps))
    return len(steps) > 1 and max(steps) - min(steps) < 0.2 * mean


def number(text: str) -> float:
    """Return the number of a label, NaN if it is none."""
    try:
        return float(text.replace("\u2212", "-").replace(" ", ""))
    except ValueError:
        return math.nan


def _is_numbered(cells: Sequence[Sequence[str]]) -> bool:
    """Return whether the table is a numbered list or a program with line numbers."""
    first = [cell.strip(".)(") for cell in cells[0]]
    return len(cells) == 2 and (
        all(cell.isdigit() for cell in first)
        and all(int(b) - int(a) == 1 for a, b in itertools.pairwise(first))
    )


def _with_wrapped_cells(
    run: Sequence[Sequence[Line]],
    rows: Sequence[list[str]],
    columns: Sequence[tuple[float, float]],
) -> list[list[str]]:
    """Append the second line of a cell to the row it continues.

    Its first cell is empty, and the lines above it fill their cells.
    """
    result = list[list[str]]()
    above = dict[int, Line]()
    for row, cells in zip(run, rows, strict=True):
        placed = {_column_of(line, columns): line for line in row}
        wraps = not cells[0] and len(row) * 2 < len(cells) + 1
        if result and (
            _exceeds(row, columns)
            or (
                wraps
                and all(
                    index in above and _fills(above[index], columns[index])
                    for index in placed
                )
            )
        ):
            result[-1] = [
                f"{upper} {lower}".strip()
                for upper, lower in zip(result[-1], cells, strict=True)
            ]
        else:
            result.append(cells)
        above = placed
    return result


def _exceeds(row: Sequence[Line], columns: Sequence[tuple[float, float]]) -> bool:
    """Return whether a row is one text that is wider than its column: a remark."""
    return (
        len(row) == 1
        and sum(row[0].x0 < right and row[0].x1 > left for left, right in columns) > 1
    )


def _fills(line: Line, column: tuple[float, float]) -> bool:
    return line.x1 - line.x0 > FULL_CELL * (column[1] - column[0])
