"""Figures of a PDF: where the images and drawings of its pages are, rendered as images.

Rendering an area instead of reading the image in it keeps masks, rotation, and the labels
and lines that are drawn over the image.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pypdfium2
import pypdfium2.raw as pdfium

from documents.parsing import captions, figures, parsed_document
from documents.parsing.figures import MAX_FIGURES, MAX_REPEATS
from documents.parsing.parsed_document import Image
from documents.parsing.pdf.page_frame import Box, PageFrame
from documents.parsing.pdf.parts import Part

MIN_POINTS = 40
"""An area with a shorter side is an icon or a line."""
BACKGROUND = 0.85
"""Share of the page that a background or a scan covers."""
MAX_TEXT = 400
"""An area with more characters of text is the background of a text."""
GAP = 1.5
"""Upper bound on the distance of the tiles of an image."""
DRAWING_GAP = 14
"""Upper bound on the distance of the lines of a drawing."""
CAPTION_GAP = 45
"""Upper bound on the distance of a caption."""
MIN_PATHS = 4
"""Lower bound on the lines of a drawing."""
MAX_OBJECTS = 4000
MAX_PER_PAGE = 30
"""Upper bounds on the images or lines of a page that are read, and on its figures."""
DEPTH = 4
"""Upper bound on the nesting of form objects."""
PIXELS_PER_POINT = 2.5
MAX_SIDE = 1600
"""Resolution of a rendered figure, and upper bound on its longer side, in pixels."""
MAX_SECONDS = 60
"""Upper bound on the time in which the figures of a document are rendered."""


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a page that shows an image or a drawing; equal images have equal digests."""

    box: Box
    digest: bytes = b""
    captions: tuple[Part | None, Part | None] = (None, None)
    """The captions below and above it."""


@dataclass(slots=True)
class Rendered:
    """The figures by the page and the part (its id, 0 for none) that they follow."""

    images: dict[tuple[int, int], list[Image]] = field(
        default_factory=lambda: defaultdict(list)
    )
    warnings: list[str] = field(default_factory=list)


def areas(
    page: pypdfium2.PdfPage, frame: PageFrame, parts: Sequence[Part]
) -> tuple[Area, ...]:
    """Return the areas of a page that are figures, from top to bottom."""
    images = [
        Area(area.box, area.digest, _captions(area.box, parts))
        for area in _joined(_images(page, frame))
        if _is_figure(area.box, frame) and _text_length(area.box, parts) <= MAX_TEXT
    ]
    used = {id(part) for area in images for part in area.captions if part}
    drawings = [
        Area(
            box, hashlib.sha256(repr((box, part.text)).encode()).digest(), (part, None)
        )
        for part, box in _drawings(page, frame, parts, used)
        if not any(_distance(box, area.box) <= 0 for area in images)
    ]
    found = sorted(
        [*images, *drawings], key=lambda area: (round(area.box[1]), area.box[0])
    )
    return tuple(found[:MAX_PER_PAGE])


def render(
    document: pypdfium2.PdfDocument,
    pages: Mapping[int, tuple[Sequence[Area], Sequence[Part]]],
) -> Rendered:
    """Return the images of all areas, given with the parts of their page by its number.

    An image that is repeated is rendered once, and one that is repeated often is not.
    """
    all_areas = [area for page_areas, _ in pages.values() for area in page_areas]
    counts = Counter(area.digest for area in all_areas)
    is_above = sum(area.captions[1] is not None for area in all_areas) > sum(
        area.captions[0] is not None for area in all_areas
    )
    result, left_out, count = Rendered(), 0, 0
    deadline = time.monotonic() + MAX_SECONDS
    for number, (page_areas, parts) in pages.items():
        wanted = [a for a in page_areas if counts.pop(a.digest, 999) <= MAX_REPEATS]
        if count + len(wanted) > MAX_FIGURES or time.monotonic() > deadline:
            left_out += len(wanted)
            continue
        count += len(wanted)
        for area, content in zip(
            wanted, _rendered(document, number, wanted), strict=False
        ):
            below, above = area.captions
            caption = (above or below) if is_above else (below or above)
            part = caption or _part_above(area.box, parts)
            text = captions.shortened(caption.text) if caption else ""
            box = parsed_document.Box(*(round(value, 1) for value in area.box))
            image = Image(content, "image/png", text, number, box)
            result.images[number, id(part) if part else 0].append(image)
    if left_out:
        result.warnings.append(
            f"The document has too many figures: {left_out} were left out."
        )
    return result


def _rendered(
    document: pypdfium2.PdfDocument, number: int, page_areas: Sequence[Area]
) -> Iterator[bytes]:
    """Yield the images of areas of a page; fewer if the page can't be rendered."""
    if not page_areas:
        return
    page = document[number - 1]
    try:
        width, height = page.get_size()
        for area in page_areas:
            left, top, right, bottom = area.box
            longer = max(right - left, bottom - top)
            picture = page.render(
                scale=min(PIXELS_PER_POINT, MAX_SIDE / longer),
                crop=(left, height - bottom, width - right, top),
            ).to_pil()
            yield figures.encoded(picture)[0]
    except (pypdfium2.PdfiumError, ValueError, MemoryError):
        return
    finally:
        page.close()


def _images(page: pypdfium2.PdfPage, frame: PageFrame) -> Iterator[Area]:
    """Yield the images on a page, except its background."""
    width, height = frame.size
    for count, item in enumerate(
        page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=DEPTH)
    ):
        box = _clipped(frame.box(*_bounds(item)), width, height)
        if count > MAX_OBJECTS:
            return
        if _size(box) and not _is_background(box, frame):
            yield Area(box, _digest(item))


def _bounds(item: pypdfium2.PdfObject) -> tuple[float, float, float, float]:
    """Return left, bottom, right and top on the page, also inside form objects."""
    bounds: tuple[float, float, float, float] = item.get_bounds()
    container = item.container
    while container is not None:
        bounds = container.get_matrix().on_rect(*bounds)
        container = container.container
    return bounds


def _digest(item: pypdfium2.PdfImage) -> bytes:
    try:
        return hashlib.sha256(bytes(item.get_data())).digest()
    except pypdfium2.PdfiumError:
        return b""


def _joined(images: Iterable[Area]) -> list[Area]:
    """Return areas of which none touches another: an image may be stored in tiles."""
    joined = list[Area]()
    for area in images:
        box, digests = area.box, area.digest
        touching = [other for other in joined if _distance(box, other.box) <= GAP]
        for other in touching:
            box = _union(box, other.box)
            digests = hashlib.sha256(other.digest + digests).digest()
        joined = [other for other in joined if other not in touching]
        joined.append(Area(box, digests))
    return joined


def _drawings(
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
    lines = _lines(page, frame) if titles else []
    prose = [part.box for part in parts if len(part.text) > MAX_TEXT // 4]
    for title in titles:
        free = [
            box
            for box in lines
            if not any(_distance(box, other) < 0 for other in prose)
            and _distance(box, title.box) > 0
        ]
        drawing = _grown(title.box, free)
        if drawing and _is_figure(drawing, frame):
            labels = [part.box for part in parts if _is_label(part, drawing, title)]
            for label in labels:
                drawing = _union(drawing, label)
            left, top, right, bottom = drawing
            frame_box = (left - 3, top - 3, right + 3, bottom + 3)
            yield title, _clipped(frame_box, *frame.size)


def _lines(page: pypdfium2.PdfPage, frame: PageFrame) -> list[Box]:
    """Return the boxes of the lines, curves and gradients of a page."""
    width, height = frame.size
    kinds = [pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_SHADING]
    boxes = list[Box]()
    for count, item in enumerate(page.get_objects(filter=kinds, max_depth=DEPTH)):
        if count == MAX_OBJECTS:
            break
        box = _clipped(frame.box(*_bounds(item)), width, height)
        is_drawn = box[2] >= box[0] and box[3] >= box[1]
        if is_drawn and not _is_background(box, frame):
            boxes.append(box)
    return boxes


def _grown(title: Box, lines: Sequence[Box]) -> Box | None:
    """Return the box of the lines near a caption, and of those near them."""
    box, count, rest = None, 0, list(lines)
    while True:
        reach = CAPTION_GAP if box is None else DRAWING_GAP
        near = [line for line in rest if _distance(line, box or title) <= reach]
        if not near:
            return box if count >= MIN_PATHS else None
        rest = [line for line in rest if _distance(line, box or title) > reach]
        count += len(near)
        for line in near:
            box = _union(box, line) if box else line


def _is_label(part: Part, drawing: Box, title: Part) -> bool:
    is_short = len(part.text) <= MAX_TEXT // 8 and not part.rows
    return (
        part is not title and is_short and _distance(part.box, drawing) <= DRAWING_GAP
    )


def _is_figure(box: Box, frame: PageFrame) -> bool:
    is_large = min(box[2] - box[0], box[3] - box[1]) >= MIN_POINTS
    return is_large and not _is_background(box, frame)


def _is_background(box: Box, frame: PageFrame) -> bool:
    width, height = frame.size
    return _size(box) >= BACKGROUND * width * height


def _text_length(box: Box, parts: Sequence[Part]) -> int:
    """Return the number of characters of the text inside a box."""
    return sum(
        len(part.text) or sum(len(cell) for row in part.rows for cell in row)
        for part in parts
        if box[0] <= (part.box[0] + part.box[2]) / 2 <= box[2]
        and box[1] <= (part.box[1] + part.box[3]) / 2 <= box[3]
    )


def _captions(box: Box, parts: Sequence[Part]) -> tuple[Part | None, Part | None]:
    """Return the nearest captions directly below and above a box."""
    titles = [
        part
        for part in parts
        if captions.is_caption(part.text)
        and min(part.box[2], box[2]) > max(part.box[0], box[0])
    ]
    below = [part for part in titles if -5 <= part.box[1] - box[3] <= CAPTION_GAP]
    above = [part for part in titles if -5 <= box[1] - part.box[3] <= CAPTION_GAP]
    return (
        min(below, key=lambda part: part.box[1], default=None),
        max(above, key=lambda part: part.box[3], default=None),
    )


def _part_above(box: Box, parts: Sequence[Part]) -> Part | None:
    """Return the lowest part above a box, of its columns if there is one."""
    above = [part for part in parts if part.box[3] <= box[1] + 5]
    in_column = [
        part for part in above if min(part.box[2], box[2]) > max(part.box[0], box[0])
    ]
    return max(in_column or above, key=lambda part: part.box[3], default=None)


def _distance(first: Box, second: Box) -> float:
    """Return the distance of two boxes along the axis where it is larger."""
    across = max(first[0], second[0]) - min(first[2], second[2])
    down = max(first[1], second[1]) - min(first[3], second[3])
    return max(across, down)


def _union(first: Box, second: Box) -> Box:
    return (
        min(first[0], second[0]),
        min(first[1], second[1]),
        max(first[2], second[2]),
        max(first[3], second[3]),
    )


def _clipped(box: Box, width: float, height: float) -> Box:
    return max(0, box[0]), max(0, box[1]), min(width, box[2]), min(height, box[3])


def _size(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])
