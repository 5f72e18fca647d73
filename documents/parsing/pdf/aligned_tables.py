"""Tables of a PDF page without vertical lines: short texts aligned in columns."""

from __future__ import annotations

import itertools
import math
import operator
import statistics
from collections.abc import Iterable, Mapping, Sequence

from documents.parsing.pdf import table_columns
from documents.parsing.pdf.lines import (
    MIN_COMMON,
    Line,
    begin_together,
    common_columns,
    rows_of,
)
from documents.parsing.pdf.table_columns import Columns
from documents.parsing.pdf.tables import Table

ROW_DISTANCE, FAR_ROW_DISTANCE = 3.2, 4.5
"""Upper bounds on the distance of two rows of a table without lines, in line heights.

The second one is for rows that have several columns in common.
"""
MIN_ALIGNED = 2
"""Lower bound on the columns, beside the first, that far rows have in common."""
CELL_CHARS = 26
"""A column whose cells are longer on average contains running text."""
MIN_ROWS = 3
"""Lower bound on the rows of a table without lines."""
DENSE_ROWS = 0.6
"""Lower bound on the share of rows with text in a third of their cells."""
FULL_CELL = 0.7
"""A line that is longer than this share of its column's width may be wrapped."""
CLOSER, LEADING = 0.95, 1.3
"""Lines are one wrapped row if they are closer than this share of the distance of complete
rows, and than this multiple of their height."""
MAX_HEAD, HEAD_GAP = 3, 1.5
"""Upper bound on the lines of a head, and lower bound on the ratio of the gap below it to
the distance of its lines."""
MIN_COMPLETE = 0.25
"""Lower bound on the share of complete rows from which their distance follows."""
COMPLETE = 0.7
"""Lower bound on the share of the cells of a complete row that contain text."""
CONTINUED = 0.5
"""Lower bound on the share of lines of running text that begin in lower case."""
MAX_COLUMNS = 30


def find(lines: Sequence[Line]) -> list[tuple[Table, list[Line]]]:
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
    none = list[Line]()
    for row, following in itertools.zip_longest(rows, rows[1:], fillvalue=none):
        close = run and _is_close(run, row)
        if (
            run
            and close
            and (
                len(row) > 1
                or (
                    len(run[-1]) > 1
                    and _fits(run, row[0])
                    and not _divides(run[-1], following)
                )
                or (len(run[-1]) == 1 and _ends_cell([run[-1], row]))
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


def _is_close(run: Sequence[Sequence[Line]], row: Sequence[Line]) -> bool:
    distance = (row[0].y0 - run[-1][0].y0) / run[-1][0].size
    full = next((above for above in reversed(run) if len(above) > 1), row)
    return distance < ROW_DISTANCE or (
        distance < FAR_ROW_DISTANCE and common_columns(full, row) >= MIN_ALIGNED
    )


def _has_rows(run: Sequence[Sequence[Line]]) -> bool:
    """Return whether a run has enough rows: a head and one row if their columns agree."""
    full = [row for row in run if len(row) > 1]
    return len(full) >= MIN_ROWS or (
        len(full) == len(run) == 2 and common_columns(*full) >= MIN_COMMON
    )


def _divides(above: Sequence[Line], below: Sequence[Line]) -> bool:
    """Return whether the text between two rows is the title of another table."""
    return len(below) > 1 and len(above) > 2 and not common_columns(above, below)


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
    while run and len(run[-1]) < 2 and not _ends_cell(run):
        run = run[:-1]
    return run


def _ends_cell(run: Sequence[Sequence[Line]]) -> bool:
    """Return whether the last, lone text is the second line of a cell above."""
    last, above = run[-1][0], run[-2] if len(run) > 1 else []
    return any(
        begin_together(last, line) and last.base - line.base < LEADING * line.size
        for line in above[1:] or above
    )


def _fits(run: Sequence[Sequence[Line]], line: Line) -> bool:
    """Return whether a lone text lies within one column of the row above it."""
    touching = [
        other
        for other in run[-1]
        if min(other.x1, line.x1) - max(other.x0, line.x0) > 0
    ]
    return len(touching) <= 1 and len(line.text) < 2 * CELL_CHARS


def _table(run: Sequence[Sequence[Line]]) -> Table | None:
    columns = table_columns.of_rows(run)
    if not 2 <= len(columns) <= MAX_COLUMNS:
        return None
    run = table_columns.divided(run, columns)
    rows = list[list[str]]()
    for row in run:
        cells = [""] * len(columns)
        for line in row:
            index = table_columns.column_of(line, columns)
            cells[index] = f"{cells[index]} {line.text}".strip()
        rows.append(cells)
    pitch = _pitch(run, rows)
    merged = _with_wrapped_cells(run, rows, columns, pitch)
    if pitch and len(merged) < len(rows):
        complete = sum(_is_complete(cells, merged) for cells in merged)
        rows = merged if complete * 2 >= len(merged) else []
    else:
        pairs = zip(run, rows, strict=True)
        rows = [cells for row, cells in pairs if not _exceeds(row, columns)]
    if not rows or not _is_tabular(rows):
        return None
    lines = [line for row in run for line in row]
    return Table(
        merged,
        min(line.x0 for line in lines),
        min(line.y0 for line in lines),
        max(line.x1 for line in lines),
        max(line.y1 for line in lines),
        statistics.median(line.size for line in lines),
    )


def _is_tabular(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the cells are those of a table and not lines of text in columns."""
    width = len(rows[0])
    cells = [[row[index] for row in rows if row[index]] for index in range(width)]
    dense = sum(sum(map(bool, row)) >= max(2, width / 3) for row in rows)
    usual = sum(len(column) >= 0.5 * len(rows) for column in cells)
    running = sum(map(_is_running, cells))
    if usual < 2 or dense < DENSE_ROWS * len(rows) or _is_numbered(cells):
        return False
    full = [column for column in cells if len(column) > 0.5 * len(rows)]
    if full and all(map(is_axis, full)):
        return False
    return running == 0 or (running == 1 and (width > 2 or len(rows) > MIN_ROWS))


def _is_running(cells: Sequence[str]) -> bool:
    """Return whether the cells of a column are lines of running text."""
    mean = statistics.mean(map(len, cells)) if cells else 0.0
    continued = sum(cell[0].islower() for cell in cells)
    return mean > CELL_CHARS or (
        mean > CELL_CHARS / 2 and continued > CONTINUED * len(cells)
    )


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
    columns: Columns,
    pitch: float,
) -> list[list[str]]:
    """Append the further lines of cells to the row they continue."""
    result = list[list[str]]()
    above = dict[int, Line]()
    base = 0.0
    head = _head_lines(run, rows)
    for index, (row, cells) in enumerate(zip(run, rows, strict=True)):
        placed = {table_columns.column_of(line, columns): line for line in row}
        is_close = row[0].base - base < min(CLOSER * pitch, LEADING * row[0].size)
        if result and (
            index < head
            or (
                _exceeds(row, columns)
                and any(begin_together(row[0], line) for line in above.values())
            )
            or (is_close and _completes(cells, result[-1], rows))
            or _continues(placed, above, columns)
        ):
            result[-1] = [
                f"{upper} {lower}".strip()
                for upper, lower in zip(result[-1], cells, strict=True)
            ]
        else:
            result.append(cells)
        above, base = placed, row[0].base
    return result


def _head_lines(run: Sequence[Sequence[Line]], rows: Sequence[Sequence[str]]) -> int:
    """Return the number of lines of the head.

    It is 1 unless a gap follows several lines, of which the further ones are incomplete and
    without numbers.
    """
    distances = [
        lower[0].base - upper[0].base for upper, lower in itertools.pairwise(run)
    ]
    for count in range(2, min(MAX_HEAD + 1, len(run))):
        if distances[count - 1] > HEAD_GAP * max(distances[: count - 1]):
            further = rows[1:count]
            numeric = any(
                not math.isnan(number(cell)) for row in rows[:count] for cell in row
            )
            incomplete = not any(_is_complete(row, rows) for row in further)
            return count if incomplete and not numeric else 1
    return 1


def _completes(
    cells: Sequence[str], upper: Sequence[str], rows: Sequence[Sequence[str]]
) -> bool:
    """Return whether a row is the second line of some cells and adds missing ones.

    Only an incomplete row above can continue in its first cell.
    """
    return (
        not _is_complete(cells, rows)
        and any(map(operator.and_, map(bool, cells), map(bool, upper)))
        and not (cells[0] and _is_complete(upper, rows))
    )


def _continues(
    placed: Mapping[int, Line], above: Mapping[int, Line], columns: Columns
) -> bool:
    """Return whether a row without a first cell is below texts that fill their cells."""
    return (
        0 not in placed
        and len(placed) * 2 < len(columns) + 1
        and all(
            index in above and _fills(above[index], columns[index]) for index in placed
        )
    )


def _pitch(run: Sequence[Sequence[Line]], rows: Sequence[Sequence[str]]) -> float:
    """Return the smallest distance of a complete row and the next one with a first cell.

    It is 0 if few rows are complete.
    """
    beginnings = [
        (row[0].base, _is_complete(cells, rows))
        for row, cells in zip(run, rows, strict=True)
        if cells[0]
    ]
    if sum(complete for _, complete in beginnings) < MIN_COMPLETE * len(rows):
        return 0.0
    return min(
        (
            lower - upper
            for (upper, complete), (lower, _) in itertools.pairwise(beginnings)
            if complete
        ),
        default=0.0,
    )


def _is_complete(cells: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    most = max(sum(map(bool, row)) for row in rows)
    return sum(map(bool, cells)) >= COMPLETE * most


def _exceeds(row: Sequence[Line], columns: Columns) -> bool:
    """Return whether a row is one text that is wider than its column: a remark."""
    return (
        len(row) == 1
        and sum(row[0].x0 < right and row[0].x1 > left for left, right in columns) > 1
    )


def _fills(line: Line, column: tuple[float, float]) -> bool:
    return line.x1 - line.x0 > FULL_CELL * (column[1] - column[0])
