"""Columns of a table without vertical lines, and the texts that belong to them."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence

from documents.parsing.pdf.lines import Line
from documents.parsing.pdf.words import Word

MIN_ROWS = 3
"""Lower bound on the rows from which the columns of a table follow."""
SAME_COUNT = 0.6
"""Lower bound on the share of rows with the same number of texts, one for each column."""
MIN_ORDERED = 3
"""Lower bound on the columns of such rows: two columns may be labels of two charts."""
SAME_EDGE = 1.0
"""Upper bound on the difference, in points, of the edges of the cells of a column."""
COVERED = 0.5
"""Lower bound on the share of its column that a text covers."""

Columns = Sequence[tuple[float, float]]
"""The left and the right edge of each column."""


def of_rows(run: Sequence[Sequence[Line]]) -> list[tuple[float, float]]:
    """Return the columns of rows, from left to right."""
    return _by_order(run) or _by_overlap(run)


def _by_order(run: Sequence[Sequence[Line]]) -> list[tuple[float, float]]:
    """Return the columns of rows that nearly all have one text for each, or none.

    The texts of a column need not overlap: numbers are at its right, and its head is at
    its left.
    """
    counts = Counter(len(row) for row in run if len(row) > 1)
    count, frequency = counts.most_common(1)[0]
    if count < MIN_ORDERED or frequency < max(MIN_ROWS, SAME_COUNT * len(run)):
        return []
    members = list(zip(*(row for row in run if len(row) == count), strict=True))
    centers = [[(line.x0 + line.x1) / 2 for line in column] for column in members]
    edges = [
        (max(left) + min(right)) / 2 if max(left) < min(right) else math.nan
        for left, right in itertools.pairwise(centers)
    ]
    columns = [
        (
            max(left, min(line.x0 for line in column)),
            min(right, max(line.x1 for line in column)),
        )
        for column, left, right in zip(
            members, [-math.inf, *edges], [*edges, math.inf], strict=True
        )
    ]
    fits = all(
        any(overlap(line, c) > 0 for c in columns) for row in run for line in row
    )
    return columns if fits and not any(map(math.isnan, edges)) else []


def _by_overlap(run: Iterable[Sequence[Line]]) -> list[tuple[float, float]]:
    """Return the intervals of the columns; a text over two of them does not join them."""
    lines = sorted(
        (line for row in run if len(row) > 1 for line in row),
        key=lambda line: line.x1 - line.x0,
    )
    columns = list[tuple[float, float]]()
    for line in lines:
        touching = [column for column in columns if overlap(line, column) > 0]
        if len(touching) > 1:
            continue
        for column in touching:
            columns.remove(column)
        edges = [line.x0, line.x1, *(edge for column in touching for edge in column)]
        columns.append((min(edges), max(edges)))
    return sorted(columns)


def overlap(line: Line | Word, column: tuple[float, float]) -> float:
    return min(column[1], line.x1) - max(column[0], line.x0)


def divided(run: Sequence[Sequence[Line]], columns: Columns) -> list[list[Line]]:
    """Divide lines over two columns whose words are at the edges of other cells there.

    The space between two columns may be as narrow as that between words.
    """
    edges = _shared_edges(run, columns)
    return [
        [part for line in row for part in _parts(line, columns, edges)]
        if len(row) > 1
        else list(row)
        for row in run
    ]


def _parts(
    line: Line, columns: Columns, edges: Sequence[frozenset[int]]
) -> Sequence[Line]:
    if sum(overlap(line, column) > 0 for column in columns) < 2:
        return [line]
    groups = [
        (index, Line.of(list(words)))
        for index, words in itertools.groupby(
            line.words, lambda word: column_of(word, columns)
        )
    ]
    fits = all(edges[index] & _edges(group) for index, group in groups)
    return [group for _, group in groups] if fits else [line]


def _shared_edges(
    run: Sequence[Sequence[Line]], columns: Columns
) -> list[frozenset[int]]:
    """Return, for each column, the edges that most of its cells have in common."""
    counts = [Counter[int]() for _ in columns]
    totals = Counter[int]()
    for line in itertools.chain.from_iterable(run):
        touching = [i for i, column in enumerate(columns) if overlap(line, column) > 0]
        if len(touching) == 1:
            counts[touching[0]].update(_edges(line))
            totals[touching[0]] += 1
    return [
        frozenset(edge for edge, n in count.items() if n >= max(2, totals[index] / 2))
        for index, count in enumerate(counts)
    ]


def _edges(line: Line) -> set[int]:
    """Return marks for the left and the right edge that equal those of near edges."""
    left = {round(line.x0 / SAME_EDGE) + step for step in (0, 1)}
    right = {-round(line.x1 / SAME_EDGE) - step for step in (0, 1)}
    return left | right


def column_of(line: Line | Word, columns: Columns) -> int:
    """Return the first column that a text covers, or else the nearest one."""
    for index, column in enumerate(columns):
        width = min(line.x1 - line.x0, column[1] - column[0])
        if overlap(line, column) > COVERED * width:
            return index
    return max(range(len(columns)), key=lambda index: overlap(line, columns[index]))
