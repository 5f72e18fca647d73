"""Program that renders a page of a PDF or of an image file.

It reads path, page, width, password, quote and boxes as JSON from its standard input and
prints a PNG, or nothing if there is no such page. The quote is marked; if the page does not
contain it, the boxes are marked.
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from documents.parsing.pdf import page_frame
from documents.parsing.pdf.page_frame import Box

MEMORY_BYTES = 1024**3
CPU_SECONDS = 30
"""Upper bounds on the memory and the CPU time of this process."""
MAX_PIXELS = 25_000_000
MARKER = (255, 232, 120)
"""Colour of marked text; it is multiplied with the colours of the page."""
MAX_QUOTE_WORDS = 500
MIN_WORDS = 8
"""Shorter quotes are not divided: two or three words occur in many places."""


@dataclass(frozen=True, slots=True)
class Page:
    """A rendered page.

    Boxes are in points (PDF) or pixels (image); `scale` is pixels of `image` per unit.
    """

    image: Any
    scale: float
    quoted: Sequence[Box] = ()


def main() -> None:
    """Print the image."""
    with contextlib.suppress(ValueError, OSError):  # macOS can't limit memory
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    request = json.load(sys.stdin)
    path, number, width = Path(request["path"]), request["page"], request["width"]
    if path.suffix.lower() == ".pdf":
        page = _pdf_page(path, number, width, request["password"], request["quote"])
    else:
        page = _frame(path, number, width)
    if page is not None:
        boxes = page.quoted or request["boxes"]
        _marked(page, boxes).save(sys.stdout.buffer, "PNG")


def _marked(page: Page, boxes: Sequence[Box]) -> Any:
    """Return the image with the boxes highlighted, as by a marker on paper."""
    from PIL import Image, ImageChops, ImageDraw

    image = page.image.convert("RGB")
    paint = Image.new("RGB", image.size, "white")
    draw = ImageDraw.Draw(paint)
    for box in boxes:
        edges = [edge * page.scale for edge in box]
        if not _covers(edges, image.size):
            draw.rectangle(edges, fill=MARKER)
    return ImageChops.multiply(image, paint) if boxes else image


def _covers(edges: Sequence[float], size: tuple[int, int]) -> bool:
    """Return True if the box is nearly the whole page, so that a mark is useless."""
    left, top, right, bottom = edges
    return (right - left) * (bottom - top) > 0.8 * size[0] * size[1]


def _frame(path: Path, number: int, width: int) -> Page | None:
    from documents.ocr.messages import Scan
    from documents.ocr.recognize import image_frame

    try:
        image = image_frame(Scan(path, number))
    except EOFError:
        return None
    full_width = image.width
    image.thumbnail((width, MAX_PIXELS // width))
    return Page(image, image.width / full_width)


def _pdf_page(
    path: Path, number: int, width: int, password: str, quote: str
) -> Page | None:
    import pypdfium2

    document = pypdfium2.PdfDocument(path, password=password or None)
    if not 1 <= number <= len(document):
        return None
    document.init_forms()
    page = document[number - 1]
    page_width, page_height = page.get_size()
    scale = width / page_width
    scale = min(scale, (MAX_PIXELS / (page_width * page_height)) ** 0.5)
    image = page.render(scale=scale).to_pil()
    return Page(image, scale, _boxes_of(page, quote) if quote.strip() else [])


def _boxes_of(page: Any, quote: str) -> list[Box]:
    """Return the boxes of the lines of a quote.

    A part of the quote may be on another page, or be written differently: a line of the page
    ends with a hyphen, or the text was cleaned. Then the halves are searched for.
    """
    text = page.get_textpage()
    frame = page_frame.of(page)
    boxes: list[Box] = []
    parts = [quote.split()[:MAX_QUOTE_WORDS]]
    while parts:
        words = parts.pop()
        match = text.search(" ".join(words)).get_next()
        if match is not None:
            lines = range(text.count_rects(*match))
            boxes.extend(frame.box(*text.get_rect(number)) for number in lines)
        elif len(words) >= MIN_WORDS:
            middle = len(words) // 2
            parts += [words[:middle], words[middle:]]
    return boxes
