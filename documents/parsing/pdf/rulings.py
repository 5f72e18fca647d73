"""Ruled lines of a PDF page, and the grids of cells that they form."""

from __future__ import annotations

import ctypes
import itertools
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import pypdfium2
import pypdfium2.raw as pdfium

from documents.parsing.pdf.page_frame import Box, PageFrame

MAX_OBJECTS = 20_000
"""A page with more graphics objects is a drawing; its lines are not read."""
MAX_SEGMENTS = 400
"""Upper bound on the segments of a path; longer paths are drawings."""
MAX_RULINGS = 2_000
"""Upper bound on the lines of a page that are combined to grids."""
MAX_DEPTH = 3
"""Upper bound on the nesting of form objects."""
THICKNESS = 3.0
"""A filled rectangle that is thinner, in points, is a line."""
SLACK = 3.0
"""Lines closer than this, in points, are one line or touch each other."""
MIN_LENGTH = 6.0
"""Shorter lines, in points, are marks."""
OPEN_SIDE = 10.0
"""Length, in points, by which the horizontal lines of a table exceed the others."""

Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True, slots=True)
class Ruling:
    """A horizontal or vertical line from `start` to `end` at `position`, in points."""

    position: float
    start: float
    end: float
    horizontal: bool


@dataclass(frozen=True, slots=True)
class Grid:
    """The borders of the columns and rows of a ruled table, and its lines."""

    columns: tuple[float, ...]
    rows: tuple[float, ...]
    rulings: tuple[Ruling, ...]

    def divides(self, *, horizontal: bool, position: float, at: float) -> bool:
        """Return whether a line at `position` crosses the coordinate `at`."""
        return any(
            ruling.horizontal == horizontal
            and abs(ruling.position - position) <= SLACK
            and ruling.start - SLACK <= at <= ruling.end + SLACK
            for ruling in self.rulings
        )


def read(page: pypdfium2.PdfPage, frame: PageFrame) -> list[Ruling]:
    """Return the lines of a page, or none if it contains a large drawing."""
    rulings = list[Ruling]()
    count = pdfium.FPDFPage_CountObjects(page.raw)
    if count > MAX_OBJECTS:
        return []
    for index in range(count):
        item = pdfium.FPDFPage_GetObject(page.raw, index)
        for box in _boxes(item, IDENTITY, 0):
            rulings += _rulings(frame.box(*box))
        if len(rulings) > MAX_RULINGS:
            return []
    return rulings


def _boxes(item: pdfium.FPDF_PAGEOBJECT, matrix: Matrix, depth: int) -> Iterator[Box]:
    """Yield left, bottom, right and top of each straight segment or thin rectangle."""
    kind = pdfium.FPDFPageObj_GetType(item)
    if kind == pdfium.FPDF_PAGEOBJ_FORM and depth < MAX_DEPTH:
        inner = _times(_matrix(item), matrix)
        for index in range(min(MAX_OBJECTS, pdfium.FPDFFormObj_CountObjects(item))):
            child = pdfium.FPDFFormObj_GetObject(item, index)
            yield from _boxes(child, inner, depth + 1)
    if kind == pdfium.FPDF_PAGEOBJ_PATH:
        yield from _segments(item, _times(_matrix(item), matrix))


def _segments(item: pdfium.FPDF_PAGEOBJECT, matrix: Matrix) -> Iterator[Box]:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(item, ctypes.byref(fill), ctypes.byref(stroke))
    if not fill.value and not stroke.value:
        return
    points = _points(item, matrix)
    if not points:
        return
    xs, ys = [x for x, _, _ in points], [y for _, y, _ in points]
    if max(xs) - min(xs) <= THICKNESS or max(ys) - min(ys) <= THICKNESS:
        yield min(xs), min(ys), max(xs), max(ys)
    elif stroke.value:
        for (x0, y0, _), (x1, y1, drawn) in itertools.pairwise(points):
            if drawn:
                yield min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _points(
    item: pdfium.FPDF_PAGEOBJECT, matrix: Matrix
) -> list[tuple[float, float, bool]]:
    """Return the points of a path, each with whether a line leads to it."""
    count = pdfium.FPDFPath_CountSegments(item)
    points = list[tuple[float, float, bool]]()
    if count > MAX_SEGMENTS:
        return points
    first = (0.0, 0.0)
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(item, index)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_BEZIERTO:
            return []
        pdfium.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        a, b, c, d, e, f = matrix
        point = (a * x.value + c * y.value + e, b * x.value + d * y.value + f)
        drawn = kind == pdfium.FPDF_SEGMENT_LINETO
        points.append((*point, drawn))
        if not drawn:
            first = point
        if pdfium.FPDFPathSegment_GetClose(segment):
            points.append((*first, True))
    return points


def _matrix(item: pdfium.FPDF_PAGEOBJECT) -> Matrix:
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(item, ctypes.byref(matrix)):
        return IDENTITY
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    """Return the matrix that applies `inner` first."""
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (
        a * p + b * r,
        a * q + b * s,
        c * p + d * r,
        c * q + d * s,
        e * p + f * r + t,
        e * q + f * s + u,
    )


def _rulings(box: Box) -> Iterator[Ruling]:
    x0, y0, x1, y1 = box
    if y1 - y0 <= THICKNESS and x1 - x0 >= MIN_LENGTH:
        yield Ruling((y0 + y1) / 2, x0, x1, horizontal=True)
    elif x1 - x0 <= THICKNESS and y1 - y0 >= MIN_LENGTH:
        yield Ruling((x0 + x1) / 2, y0, y1, horizontal=False)


def grids(rulings: Sequence[Ruling]) -> list[Grid]:
    """Return the grids of at least two rows and columns that the lines form."""
    result = list[Grid]()
    for group in _connected(_joined(rulings)):
        upright = _positions(
            ruling.position for ruling in group if not ruling.horizontal
        )
        level = [ruling for ruling in group if ruling.horizontal]
        rows = _positions(ruling.position for ruling in level)
        if not upright or len(rows) < 3:
            continue
        columns = _with_open_sides(upright, level)
        if len(columns) >= 3:
            result.append(Grid(columns, rows, tuple(group)))
    return result


def _with_open_sides(
    columns: tuple[float, ...], level: Sequence[Ruling]
) -> tuple[float, ...]:
    """Add the ends of the horizontal lines, where a table has no line at its sides."""
    left = statistics.median_low(ruling.start for ruling in level)
    right = statistics.median_high(ruling.end for ruling in level)
    before = (left,) if left < columns[0] - OPEN_SIDE else ()
    after = (right,) if right > columns[-1] + OPEN_SIDE else ()
    return (*before, *columns, *after)


def _joined(rulings: Sequence[Ruling]) -> list[Ruling]:
    """Join the lines that continue each other, such as the borders of the cells of a row."""
    result = list[Ruling]()
    for ruling in sorted(
        rulings, key=lambda r: (r.horizontal, round(r.position / SLACK), r.start)
    ):
        last = result[-1] if result else None
        if (
            last
            and last.horizontal == ruling.horizontal
            and abs(last.position - ruling.position) <= SLACK
            and ruling.start <= last.end + SLACK
        ):
            end = max(last.end, ruling.end)
            result[-1] = replace(last, end=end)
        else:
            result.append(ruling)
    return result


def _connected(rulings: Sequence[Ruling]) -> list[list[Ruling]]:
    """Group the lines that cross or touch each other."""
    group_of = list(range(len(rulings)))

    def root(index: int) -> int:
        while group_of[index] != index:
            group_of[index] = group_of[group_of[index]]
            index = group_of[index]
        return index

    upright = [i for i, ruling in enumerate(rulings) if not ruling.horizontal]
    for index, ruling in enumerate(rulings):
        if ruling.horizontal:
            for other in upright:
                if _cross(ruling, rulings[other]):
                    group_of[root(other)] = root(index)
    groups = dict[int, list[Ruling]]()
    for index, ruling in enumerate(rulings):
        groups.setdefault(root(index), []).append(ruling)
    return list(groups.values())


def _cross(level: Ruling, upright: Ruling) -> bool:
    return (
        level.start - SLACK <= upright.position <= level.end + SLACK
        and upright.start - SLACK <= level.position <= upright.end + SLACK
    )


def _positions(values: Iterable[float]) -> tuple[float, ...]:
    """Return the distinct positions of lines, in order."""
    positions = list[float]()
    for position in sorted(values):
        if not positions or position - positions[-1] > SLACK:
            positions.append(position)
    return tuple(positions)
