"""Drawings of a PDF page: lines and curves near a caption, such as a chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pypdfium2
import pypdfium2.raw as pdfium

from documents.parsing import captions
from documents.parsing.pdf import page_frame
from documents.parsing.pdf.page_frame import Box, PageFrame
from documents.parsing.pdf.parts import Part

MIN_POINTS = 40
"""An area with a shorter side is an icon or a line."""
BACKGROUND = 0.85
"""Share of the page that a background or a scan covers."""
CAPTION_GAP = 45
"""Upper bound on the distance of a caption."""
DRAWING_GAP = 14
"""Upper bound on the distance of the lines of a drawing."""
MIN_PATHS = 4
"""Lower bound on the lines of a drawing."""
MAX_LINES = 4000
MAX_CAPTIONS = 30
"""Upper bounds on the lines and the captions of a page that are read."""
DEPTH = 4
"""Upper bound on the nesting of form objects."""
PROSE_CHARS, LABEL_CHARS = 100, 50
"""A longer text is not a part of a drawing, and a shorter one is if it is near."""
MARGIN = 3
"""Distance between a drawing and the edge of its image."""


def find(
    page: pypdfium2.PdfPage,
    frame: PageFrame,
    parts: Sequence[Part],
    used: set[int],
) -> Iterator[tuple[Part, Box]]:
    """Yield captions without an image, each with the box of the drawing above or below."""
    titles = [
        part
        for part in parts
        if captions.is_caption(part.text) and id(part) not in used
    ]
    del titles[MAX_CAPTIONS:]
    lines = _lines(page, frame) if titles else []
    prose = [part.box for part in parts if len(part.text) > PROSE_CHARS]
    for title in titles:
        free = [
            box
            for box in lines
            if not any(page_frame.distance(box, other) < 0 for other in prose)
            and page_frame.distance(box, title.box) > 0
        ]
        drawing = _grown(title.box, free)
        if drawing and is_figure(drawing, frame):
            labels = [part.box for part in parts if _is_label(part, drawing, title)]
            for label in labels:
                drawing = page_frame.union(drawing, label)
            left, top, right, bottom = drawing
            padded = (left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN)
            yield title, page_frame.clipped(padded, *frame.size)


def _lines(page: pypdfium2.PdfPage, frame: PageFrame) -> list[Box]:
    """Return the boxes of the lines, curves and gradients of a page."""
    width, height = frame.size
    kinds = [pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_SHADING]
    boxes = list[Box]()
    for count, item in enumerate(page.get_objects(filter=kinds, max_depth=DEPTH)):
        if count == MAX_LINES:
            break
        box = page_frame.clipped(frame.box(*page_frame.bounds(item)), width, height)
        is_drawn = box[2] >= box[0] and box[3] >= box[1]
        if is_drawn and not is_background(box, frame):
            boxes.append(box)
    return boxes


def _grown(title: Box, lines: Sequence[Box]) -> Box | None:
    """Return the box of the lines near a caption, and of those near them."""
    box, count, remaining = None, 0, list(lines)
    while True:
        reach = CAPTION_GAP if box is None else DRAWING_GAP
        close_lines = [
            line
            for line in remaining
            if page_frame.distance(line, box or title) <= reach
        ]
        if not close_lines:
            return box if count >= MIN_PATHS else None
        remaining = [
            line
            for line in remaining
            if page_frame.distance(line, box or title) > reach
        ]
        count += len(close_lines)
        for line in close_lines:
            box = page_frame.union(box, line) if box else line


def _is_label(part: Part, drawing: Box, title: Part) -> bool:
    is_short = len(part.text) <= LABEL_CHARS and not part.rows
    return (
        part is not title
        and is_short
        and page_frame.distance(part.box, drawing) <= DRAWING_GAP
    )


def is_figure(box: Box, frame: PageFrame) -> bool:
    """Return whether a box is neither an icon nor the background of the page."""
    is_large = min(box[2] - box[0], box[3] - box[1]) >= MIN_POINTS
    return is_large and not is_background(box, frame)


def is_background(box: Box, frame: PageFrame) -> bool:
    """Return whether a box covers most of the page."""
    width, height = frame.size
    return page_frame.area(box) >= BACKGROUND * width * height
