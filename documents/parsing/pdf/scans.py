"""Scanned pages: text that OCR reads instead of the text layer of a PDF."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from documents.ocr.messages import Recognize, Scan, ScannedPage
from documents.parsing.pdf import parts
from documents.parsing.pdf.page import Page
from documents.parsing.pdf.parts import Part
from documents.parsing.pdf.words import Word

MAX_NAMED = 20
"""Upper bound on the pages that a warning lists."""


def with_text(
    pages: Sequence[Page], path: Path, password: str, ocr: Recognize | None
) -> tuple[list[Page], list[str]]:
    """Return the pages with the text of those that need OCR, and warnings.

    A page that OCR can't read keeps its text layer.
    """
    numbers = [page.number for page in pages if page.needs_ocr]
    if not numbers or ocr is None:
        return list(pages), []
    results = ocr([Scan(path, number, password) for number in numbers])
    scanned = dict(zip(numbers, results, strict=True))
    texts = {
        number: tuple(parts_of(result))
        for number, result in scanned.items()
        if not result.error
    }
    return [
        replace(page, parts=texts[page.number]) if texts.get(page.number) else page
        for page in pages
    ], list(_warnings(scanned.items()))


def parts_of(page: ScannedPage) -> list[Part]:
    """Return the paragraphs and tables of a scanned page."""
    return parts.of_page([*_words(page)], ())


def _words(page: ScannedPage) -> Iterator[Word]:
    """Yield each recognized line as one word: its spaces are known already."""
    for line in page.lines:
        center = (line.left + line.right) / 2
        base = line.bottom - (line.bottom - line.top) / 4
        box = (line.left, line.top, line.right, line.bottom)
        yield Word([(line.text, center)], *box, base, page.angle)


def _warnings(scanned: Iterable[tuple[int, ScannedPage]]) -> Iterator[str]:
    failed = dict[str, list[int]]()
    for number, page in scanned:
        if page.error:
            failed.setdefault(page.error, []).append(number)
    for error, numbers in failed.items():
        named = ", ".join(map(str, numbers[:MAX_NAMED]))
        more = " and others" if len(numbers) > MAX_NAMED else ""
        yield f"The text of page {named}{more} could not be recognized: {error}."
