"""Coordinates: from those of a PDF page to the shown page and to level text."""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

Box = tuple[float, float, float, float]
"""Left, top, right and bottom in points, from the top left corner of the shown page."""

SNAP_DEGREES = 8
"""Text that is less inclined than this counts as level or upright."""


@dataclass(frozen=True, slots=True)
class PageFrame:
    """The crop box and the rotation of a page; a PDF's own y axis points upwards."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int

    @property
    def size(self) -> tuple[float, float]:
        """Return width and height of the shown page."""
        width, height = self.right - self.left, self.top - self.bottom
        return (width, height) if self.rotation % 180 == 0 else (height, width)

    def angle(self, radians: float) -> int:
        """Return the angle of a text on the shown page, in degrees clockwise."""
        degrees = round(math.degrees(radians)) + self.rotation
        nearest = round(degrees / 90) * 90
        return (nearest if abs(degrees - nearest) < SNAP_DEGREES else degrees) % 360

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        """Return the box on the shown page of left, bottom, right and top in the PDF."""
        if self.rotation == 90:
            return y0 - self.bottom, x0 - self.left, y1 - self.bottom, x1 - self.left
        if self.rotation == 180:
            return self.right - x1, y0 - self.bottom, self.right - x0, y1 - self.bottom
        if self.rotation == 270:
            return self.top - y1, self.right - x1, self.top - y0, self.right - x0
        return x0 - self.left, self.top - y1, x1 - self.left, self.top - y0

    def level_box(self, bounds: Any, angle: int) -> Box:
        """Return the box in the frame in which text of this angle is level."""
        box = self.box(bounds.left, bounds.bottom, bounds.right, bounds.top)
        return box if angle == 0 else turn(box, angle)

    def baseline(
        self, text: pdfium.FPDF_TEXTPAGE, index: int, box: Box, angle: int
    ) -> float:
        """Return the baseline of a character in the frame of its angle."""
        x, y = ctypes.c_double(), ctypes.c_double()
        if angle % 90 or not pdfium.FPDFText_GetCharOrigin(
            text, index, ctypes.byref(x), ctypes.byref(y)
        ):
            return box[3]
        return turn(self.box(x.value, y.value, x.value, y.value), angle)[1]

    def shows(self, box: Box) -> bool:
        """Return whether the center of a box lies on the page."""
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        width, height = self.size
        return -1 <= x <= width + 1 and -1 <= y <= height + 1


def of(page: pypdfium2.PdfPage) -> PageFrame:
    bounds = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page.raw, ctypes.byref(bounds))
    return PageFrame(
        bounds.left, bounds.bottom, bounds.right, bounds.top, page.get_rotation() % 360
    )


def turn(box: Box, angle: int) -> Box:
    """Return a box turned by -`angle` degrees clockwise about the origin.

    The box of text that is neither level nor upright is that of a square about its center.
    """
    angle %= 360
    if angle == 0:
        return box
    x0, y0, x1, y1 = box
    if angle == 90:
        return y0, -x1, y1, -x0
    if angle == 180:
        return -x1, -y1, -x0, -y0
    if angle == 270:
        return -y1, x0, -y0, x1
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    half = min(x1 - x0, y1 - y0) / 2
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    u, v = x * cosine + y * sine, y * cosine - x * sine
    return u - half, v - half, u + half, v + half


def bounds(item: pypdfium2.PdfObject) -> tuple[float, float, float, float]:
    """Return left, bottom, right and top of an object, also of one inside a form object."""
    bounds: tuple[float, float, float, float] = item.get_bounds()
    container = item.container
    while container is not None:
        bounds = container.get_matrix().on_rect(*bounds)
        container = container.container
    return bounds


def distance(first: Box, second: Box) -> float:
    """Return the distance of two boxes along the axis where it is larger."""
    across = max(first[0], second[0]) - min(first[2], second[2])
    down = max(first[1], second[1]) - min(first[3], second[3])
    return max(across, down)


def union(first: Box, second: Box) -> Box:
    """Return the smallest box that contains both."""
    return (
        min(first[0], second[0]),
        min(first[1], second[1]),
        max(first[2], second[2]),
        max(first[3], second[3]),
    )


def clipped(box: Box, width: float, height: float) -> Box:
    """Return the part of a box that is on a page of this size."""
    return max(0, box[0]), max(0, box[1]), min(width, box[2]), min(height, box[3])


def area(box: Box) -> float:
    """Return the area of a box; 0 for one that `clipped` made empty."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])
