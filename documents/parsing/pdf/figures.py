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
from documents.parsing.pdf import drawings, page_frame
from documents.parsing.pdf.page_frame import Box, PageFrame
from documents.parsing.pdf.parts import Part

MAX_TEXT = 400
"""An area with more characters of text is the background of a text."""
GAP = 1.5
"""Upper bound on the distance of the tiles of an image."""
MAX_IMAGES = 4000
MAX_PER_PAGE = 30
"""Upper bounds on the images of a page that are read, and on its figures."""
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
    """The figures, by page and by the id of the part that they follow (0 for none)."""

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
        if drawings.is_figure(area.box, frame)
        and _text_length(area.box, parts) <= MAX_TEXT
    ]
    used = {id(part) for area in images for part in area.captions if part}
    drawn = [
        Area(
            box, hashlib.sha256(repr((box, part.text)).encode()).digest(), (part, None)
        )
        for part, box in drawings.find(page, frame, parts, used)
        if not any(page_frame.distance(box, area.box) <= 0 for area in images)
    ]
    figure_areas = sorted(
        [*images, *drawn], key=lambda area: (round(area.box[1]), area.box[0])
    )
    return tuple(figure_areas[:MAX_PER_PAGE])


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
        selected = [a for a in page_areas if counts.pop(a.digest, 999) <= MAX_REPEATS]
        if count + len(selected) > MAX_FIGURES or time.monotonic() > deadline:
            left_out += len(selected)
            continue
        count += len(selected)
        for area, content in zip(
            selected, _rendered(document, number, selected), strict=False
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
        page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=drawings.DEPTH)
    ):
        box = page_frame.clipped(frame.box(*page_frame.bounds(item)), width, height)
        if count > MAX_IMAGES:
            return
        if page_frame.area(box) and not drawings.is_background(box, frame):
            yield Area(box, _digest(item))


def _digest(item: pypdfium2.PdfImage) -> bytes:
    try:
        return hashlib.sha256(bytes(item.get_data())).digest()
    except pypdfium2.PdfiumError:
        return b""


def _joined(images: Iterable[Area]) -> list[Area]:
    """Return the areas, with touching ones joined: an image may be stored in tiles."""
    joined = list[Area]()
    for area in images:
        box, digests = area.box, area.digest
        touching = [
            other for other in joined if page_frame.distance(box, other.box) <= GAP
        ]
        for other in touching:
            box = page_frame.union(box, other.box)
            digests = hashlib.sha256(other.digest + digests).digest()
        joined = [other for other in joined if other not in touching]
        joined.append(Area(box, digests))
    return joined


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
    below = [
        part for part in titles if -5 <= part.box[1] - box[3] <= drawings.CAPTION_GAP
    ]
    above = [
        part for part in titles if -5 <= box[1] - part.box[3] <= drawings.CAPTION_GAP
    ]
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
