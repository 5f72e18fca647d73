"""One page of a PDF: its parts, notes and figures, and whether its text is usable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from documents.parsing.pdf import (
    figures,
    form_fields,
    page_frame,
    parts,
    rulings,
    words,
)
from documents.parsing.pdf.figures import Area
from documents.parsing.pdf.page_frame import Box, PageFrame
from documents.parsing.pdf.parts import Part
from documents.parsing.pdf.words import Word

FEW_CHARS = 30
"""A page with fewer characters beside a large image is a scan."""
SCAN_SHARE = 0.5
"""Share of the page that the images of a scan cover."""
MAX_UNREADABLE = 0.3
"""Upper bound on the share of characters without a meaning in a usable text layer."""
MIN_VOWELS, MAX_VOWELS = 0.2, 0.6
"""Bounds on the share of vowels among the letters of languages with a Latin script."""
MAX_SYMBOLS = 0.2
"""Upper bound on the share of characters that are neither letters nor punctuation."""
PUNCTUATION = frozenset(
    ".,;:!?'\"()[]/%&+-*=<>$\u20ac\u2212\u2013\u2014\u2018\u2019\u201c\u201d\u2022"
)


@dataclass(frozen=True, slots=True)
class Page:
    """What a page contains. `needs_ocr` is true if its text has to be read from its image.

    `width` and `height` are those of the shown page, in points.
    """

    number: int
    width: float
    height: float
    parts: tuple[Part, ...]
    notes: tuple[str, ...]
    needs_ocr: bool = False
    figures: tuple[Area, ...] = ()


def read(page: pypdfium2.PdfPage, number: int) -> Page:
    """Return the content of a page. Raises pypdfium2.PdfiumError."""
    frame = page_frame.of(page)
    page_words = words.read(page, frame)
    needs_ocr = _needs_ocr(page, frame, page_words)
    annotations = form_fields.read(page, frame)
    content = [*page_words, *annotations.words]
    page_parts = parts.of_page(content, rulings.read(page, frame)) if content else []
    return Page(
        number,
        *frame.size,
        tuple(page_parts),
        annotations.notes,
        needs_ocr,
        () if needs_ocr else figures.areas(page, frame, page_parts),
    )


def _needs_ocr(
    page: pypdfium2.PdfPage, frame: PageFrame, page_words: list[Word]
) -> bool:
    chars = sum(len(word.glyphs) for word in page_words)
    if chars >= FEW_CHARS:
        return _unreadable(page_words) > MAX_UNREADABLE * chars
    width, height = frame.size
    covered = (
        sum(_area(box, width, height) for box in image_boxes(page, frame))
        >= SCAN_SHARE * width * height
    )
    return covered or (chars == 0 and pdfium.FPDFPage_CountObjects(page.raw) > 0)


def _unreadable(page_words: Sequence[Word]) -> int:
    """Return the number of characters whose font does not say what they are.

    Without a table of characters PDFium guesses them from the names of the glyphs, which
    is right for some programs; if the guesses do not resemble a language, none counts.
    """
    guessed = [word for word in page_words if word.unmapped]
    if not _resembles_language("".join(word.text for word in guessed)):
        return sum(len(word.glyphs) for word in guessed)
    return sum(word.text.count("\ufffd") for word in page_words)


def _resembles_language(text: str) -> bool:
    """Return whether a text could be one: few symbols, and vowels among Latin letters."""
    latin = [char for char in text.lower() if "a" <= char <= "z"]
    symbols = sum(not (char.isalnum() or char in PUNCTUATION) for char in text)
    if symbols > MAX_SYMBOLS * len(text):
        return False
    vowels = sum(char in "aeiou" for char in latin)
    return len(latin) < FEW_CHARS or MIN_VOWELS < vowels / len(latin) < MAX_VOWELS


def _area(box: Box, width: float, height: float) -> float:
    """Return the area of the part of a box that is on the page."""
    across = min(box[2], width) - max(box[0], 0)
    down = min(box[3], height) - max(box[1], 0)
    return max(0.0, across) * max(0.0, down)


def image_boxes(page: pypdfium2.PdfPage, frame: PageFrame) -> Iterator[Box]:
    """Yield the boxes of the images of a page, also of those in form objects."""
    for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        yield frame.box(*item.get_bounds())
