"""Blocks of a PDF page: lines that belong together, and the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from documents.parsing.pdf.lines import Line

LINE_DISTANCE = 1.9
"""Upper bound on the distance of two lines of a block, as a multiple of their height."""
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
    above = {id(line): list[Line]() for line in lines}
    below = {id(line): list[Line]() for line in lines}
    for index, line in enumerate(lines):
        for other in _neighbours_below(line, lines[index + 1 :]):
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


def _neighbours_below(line: Line, candidates: Iterable[Line]) -> list[Line]:
    """Return the lines directly below a line, none of which is below another of them."""
    neighbours = list[Line]()
    for other in candidates:
        if _distance(line, other) > LINE_DISTANCE * 2 * line.size:
            break
        if _is_below(line, other) and not any(
            _distance(neighbour, other) > 0.5 * neighbour.size
            for neighbour in neighbours
            if _share_column(neighbour, other)
        ):
            neighbours.append(other)
    return neighbours


def _distance(upper: Line, lower: Line) -> float:
    """Return the distance of the centers: the boxes of close lines may overlap."""
    return (lower.y0 + lower.y1 - upper.y0 - upper.y1) / 2


def _is_below(upper: Line, lower: Line) -> bool:
    limit = min(upper.size, lower.size)
    distance = _distance(upper, lower)
    return 0.3 * limit < distance < LINE_DISTANCE * limit and _share_column(
        upper, lower
    )


def _is_alike(upper: Line, lower: Line) -> bool:
    ratio = max(upper.size, lower.size) / min(upper.size, lower.size)
    return ratio < SAME_SIZE and upper.bold == lower.bold


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


def in_rows(regions: Sequence[R], *, mirrored: bool = False) -> list[R]:
    """Return regions from top to bottom, those side by side from left to right."""
    rows = list[list[R]]()
    for region in sorted(regions, key=lambda region: region.y0):
        last = rows[-1][0] if rows else None
        if last and region.y0 - last.y0 < 0.5 * min(
            region.y1 - region.y0, last.y1 - last.y0
        ):
            rows[-1].append(region)
        else:
            rows.append([region])
    return [
        region
        for row in rows
        for region in sorted(row, key=lambda region: region.x0, reverse=mirrored)
    ]


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
