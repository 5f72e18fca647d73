"""Blocks of a PDF page: lines that belong together, and the order in which they are read."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from documents.parsing.pdf.aligned_tables import is_axis, number
from documents.parsing.pdf.lines import PROSE_CHARS, SENTENCE_END, Line, rows_of
from documents.parsing.pdf.tables import Table

LINE_DISTANCE = 1.9
"""Upper bound on the distance of two lines of a block, as a multiple of their height."""
SPACED_LINES = 3
"""Lower bound on the pairs of lines from which the usual distance follows."""
SPACING = 1.15
"""Lines up to this multiple of the usual distance are lines of a block."""
MAX_LINE_DISTANCE = 3.5
"""Upper bound on the distance of lines in text with wide spacing."""
LABEL_DISTANCE = 2.0
"""Upper bound on the distance of two lines of a label of a drawing, in em."""
SHORT_CHARS = 12
"""Upper bound on the length of labels that are joined to a row."""
ROW_GAP = 6.0
"""Upper bound on the gap between labels of a row, in line heights."""
SAME_SIZE = 1.2
"""Upper bound on the ratio of the sizes of two lines of a block."""
MAX_ORDERED = 600
"""Upper bound on the blocks whose order is computed; more are read from top to bottom."""


class Region(Protocol):
    """A rectangle in the frame of its text."""

    x0: float
    y0: float
    x1: float
    y1: float


R = TypeVar("R", bound=Region)


@dataclass(slots=True)
class Block:
    """Lines below one another."""

    lines: list[Line] = field(default_factory=list)
    x0: float = 0.0
    y0: float = 0.0
    x1: float = 0.0
    y1: float = 0.0

    def add(self, line: Line) -> None:
        if not self.lines:
            self.x0, self.y0, self.x1, self.y1 = line.x0, line.y0, line.x1, line.y1
        self.lines.append(line)
        self.x0, self.x1 = min(self.x0, line.x0), max(self.x1, line.x1)
        self.y0, self.y1 = min(self.y0, line.y0), max(self.y1, line.y1)


def build(lines: Sequence[Line]) -> list[Block]:
    """Group lines, sorted from top to bottom, into blocks.

    A line continues the block above it if both have no other neighbour there: where one
    line is above two, columns or the cells of a table begin.
    """
    limit = _line_distance(lines)
    above = {id(line): list[Line]() for line in lines}
    below = {id(line): list[Line]() for line in lines}
    for index, line in enumerate(lines):
        for other in _neighbours_below(line, lines[index + 1 :], limit):
            below[id(line)].append(other)
            above[id(other)].append(line)
    blocks = list[Block]()
    block_of = dict[int, Block]()
    for line in lines:
        uppers = above[id(line)]
        follows = (
            len(uppers) == 1
            and len(below[id(uppers[0])]) == 1
            and _is_alike(uppers[0], line)
        )
        if follows:
            block = block_of[id(uppers[0])]
        else:
            block = Block()
            blocks.append(block)
        block.add(line)
        block_of[id(line)] = block
    return blocks


def with_axes(lines: Sequence[Line]) -> list[Line]:
    """Return the lines, those with the numbers below a chart joined.

    They would be blocks of their own, which other columns and captions come between.
    """
    result = list[Line]()
    for row in rows_of(lines):
        for is_number, group in itertools.groupby(row, key=_is_short_number):
            for run in _ascending(group) if is_number else [group]:
                members = list(run)
                if is_number and is_axis([line.text for line in members]):
                    members = [
                        Line.of([word for line in members for word in line.words])
                    ]
                result += members
    return sorted(result, key=lambda line: (line.y0, line.x0))


def _ascending(lines: Iterable[Line]) -> list[list[Line]]:
    """Divide numbers side by side where a smaller one follows: another axis begins."""
    runs = list[list[Line]]()
    for line in lines:
        if runs and number(runs[-1][-1].text) < number(line.text):
            runs[-1].append(line)
        else:
            runs.append([line])
    return runs


def _is_short_number(line: Line) -> bool:
    return len(line.text) <= SHORT_CHARS and line.text[-1:].isdigit()


def _line_distance(lines: Sequence[Line]) -> float:
    """Return the upper bound on the distance of lines, more than usual in wide spacing."""
    distances = [
        _distance(upper, lower) / upper.size
        for upper, lower in itertools.pairwise(lines)
        if len(upper.text) > PROSE_CHARS
        and abs(upper.x0 - lower.x0) < upper.size
        and upper.x1 > lower.x1 - upper.size
    ]
    if len(distances) < SPACED_LINES:
        return LINE_DISTANCE
    usual = SPACING * statistics.median(distances)
    return usual if LINE_DISTANCE < usual < MAX_LINE_DISTANCE else LINE_DISTANCE


def labels(blocks: Iterable[Block]) -> list[Block]:
    """Divide the blocks of a drawing into its labels.

    Numbers below one another are separate labels, except those at the axis of a chart.
    """
    result = list[Block]()
    for block in blocks:
        texts = [line.text for line in block.lines]
        is_text = is_axis(texts) or any(map(str.isalpha, "".join(texts)))
        label = Block()
        for line in block.lines:
            last = label.lines[-1] if label.lines else None
            if last and (
                not is_text
                or _is_short_number(last) != _is_short_number(line)
                or line.base - last.base > LABEL_DISTANCE * last.em
            ):
                result.append(label)
                label = Block()
            label.add(line)
        result.append(label)
    return result


def joined(first: Block | Table, second: Block | Table) -> Block | None:
    """Return two short labels as one line if the second is beside the first, or None."""
    if isinstance(first, Table) or isinstance(second, Table):
        return None
    left, right = first.lines[-1], second.lines[0]
    if (
        len(first.lines) != 1
        or len(second.lines) != 1
        or max(len(left.words[-1].text), len(right.text)) > SHORT_CHARS
        or len(rows_of([left, right])) > 1
        or not 0 < right.x0 - left.x1 < ROW_GAP * left.size
    ):
        return None
    block = Block()
    block.add(Line.of(left.words + right.words))
    return block


def _neighbours_below(
    line: Line, candidates: Iterable[Line], limit: float
) -> list[Line]:
    """Return the lines directly below a line, none of which is below another of them."""
    neighbours = list[Line]()
    for other in candidates:
        if _distance(line, other) > limit * 2 * line.size:
            break
        if _is_below(line, other, limit) and not any(
            _distance(neighbour, other) > 0.5 * neighbour.size
            for neighbour in neighbours
            if _share_column(neighbour, other)
        ):
            neighbours.append(other)
    return neighbours


def _distance(upper: Line, lower: Line) -> float:
    """Return the distance of the centers: the boxes of close lines may overlap."""
    return (lower.y0 + lower.y1 - upper.y0 - upper.y1) / 2


def _is_below(upper: Line, lower: Line, limit: float) -> bool:
    size = min(upper.size, lower.size)
    distance = _distance(upper, lower)
    return 0.3 * size < distance < limit * size and _share_column(upper, lower)


def _is_alike(upper: Line, lower: Line) -> bool:
    """Return whether two lines have one type; a sentence may contain bold words."""
    ratio = max(upper.size, lower.size) / min(upper.size, lower.size)
    return ratio < SAME_SIZE and (
        upper.bold == lower.bold
        or (lower.text[:1].islower() and not upper.text.endswith(SENTENCE_END))
    )


def in_reading_order(regions: Sequence[R], *, mirrored: bool = False) -> list[R]:
    """Return regions in reading order (Breuel, High Performance Document Layout Analysis).

    A region precedes another if it is above it and both share a column, or if it is left
    of it (right of it if `mirrored`) and no region between them spans both columns.
    """
    ordered = sorted(regions, key=lambda region: (region.y0, region.x0))
    if len(ordered) > MAX_ORDERED:
        return ordered
    result, visited = list[R](), set[int]()
    for region in ordered:
        _visit(region, ordered, visited, result, mirrored=mirrored)
    return result


def labels_in_order(
    regions: Iterable[R], gap: float, *, mirrored: bool = False
) -> list[R]:
    """Return the labels of a drawing in the order of reading.

    A blank band across the page, higher than `gap`, divides the labels. Between two bands
    each label is widened, so that one with nothing beside it precedes all that is below it,
    and labels side by side begin columns.
    """
    bands, bottom = list[list[R]](), float("-inf")
    for region in sorted(regions, key=lambda region: region.y0):
        if not bands or region.y0 - bottom > gap:
            bands.append([])
        bands[-1].append(region)
        bottom = max(bottom, region.y1)
    for band in bands:
        if len(band) <= MAX_ORDERED:
            _widen(band)
    return [
        region for band in bands for region in in_reading_order(band, mirrored=mirrored)
    ]


def _widen(regions: Sequence[Region]) -> None:
    """Widen each region by the free space beside it, up to the regions below."""
    edges = [_free_edges(region, regions) for region in regions]
    for region, (left, right) in zip(regions, edges, strict=True):
        region.x0, region.x1 = left, right


def _free_edges(region: Region, regions: Iterable[Region]) -> tuple[float, float]:
    left, right = float("-inf"), float("inf")
    for other in regions:
        if region.y0 <= other.y1 and other.y0 <= region.y1:
            if other.x0 > region.x1:
                right = min(right, other.x0)
            if other.x1 < region.x0:
                left = max(left, other.x1)
    below = [other for other in regions if other.y0 >= region.y1]
    return (
        min([region.x0, *(other.x0 for other in below if other.x0 >= left)]),
        max([region.x1, *(other.x1 for other in below if other.x1 <= right)]),
    )


def _visit(
    region: R,
    regions: Sequence[R],
    visited: set[int],
    result: list[R],
    *,
    mirrored: bool,
) -> None:
    """Append a region after all that precede it (depth-first, without recursion)."""
    stack = [(region, iter(regions))]
    if id(region) in visited:
        return
    visited.add(id(region))
    while stack:
        current, candidates = stack[-1]
        for other in candidates:
            if id(other) not in visited and _precedes(
                other, current, regions, mirrored=mirrored
            ):
                visited.add(id(other))
                stack.append((other, iter(regions)))
                break
        else:
            result.append(current)
            stack.pop()


def _precedes(
    first: Region, second: Region, regions: Sequence[Region], *, mirrored: bool
) -> bool:
    if _share_column(first, second):
        return first.y0 < second.y0
    left, right = (second, first) if mirrored else (first, second)
    if left.x1 > right.x0 + 0.5:
        return False
    top, bottom = min(first.y0, second.y0), max(first.y1, second.y1)
    return not any(
        top <= (region.y0 + region.y1) / 2 <= bottom
        and region is not first
        and region is not second
        and _share_column(region, first)
        and _share_column(region, second)
        for region in regions
    )


def _share_column(first: Region, second: Region) -> bool:
    return min(first.x1, second.x1) - max(first.x0, second.x0) > 0.5
