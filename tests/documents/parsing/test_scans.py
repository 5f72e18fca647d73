"""Scanned pages, image files and images in documents, with a stand-in for the OCR."""

from __future__ import annotations

import io
from collections.abc import Sequence

import PIL.Image
import pytest
from fpdf import FPDF

from documents import parsing
from documents.errors import EmptyDocument, MismatchedType
from documents.ocr.messages import Scan, ScanLine, ScannedPage
from documents.parsing import image_text
from documents.parsing.parsed_document import (
    BlockSpan,
    Image,
    Kind,
    PageSpan,
    ParsedDocument,
)
from tests.documents.conftest import Put

PROSE = "This page has a text layer, so it needs no recognition of its image. " * 3


def image(
    size: tuple[int, int] = (400, 300), kind: str = "PNG", shade: int = 90
) -> bytes:
    buffer = io.BytesIO()
    PIL.Image.new("RGB", size, (shade, shade, shade)).save(buffer, kind)
    return buffer.getvalue()


def recognize(scans: Sequence[Scan]) -> list[ScannedPage]:
    """Return one line for each scan, which names its page."""
    return [
        ScannedPage(
            (ScanLine(f"Read from page {scan.page}", 20, 30, 200, 42),), 0, 400, 300
        )
        for scan in scans
    ]


def pdf() -> bytes:
    """Return a page of text, a page that is an image, and a blank page."""
    file = FPDF()
    file.set_font("helvetica", size=11)
    file.add_page()
    file.multi_cell(170, 5, PROSE)
    file.add_page()
    file.image(io.BytesIO(image()), 0, 0, 210, 297)
    file.add_page()
    return bytes(file.output())


def test_only_pages_without_text_are_recognized(put: Put) -> None:
    recognized = list[int]()

    def ocr(scans: Sequence[Scan]) -> list[ScannedPage]:
        recognized.extend(scan.page for scan in scans)
        return recognize(scans)

    parsed = parsing.parse(put("a.pdf", pdf()), "a.pdf", ocr=ocr)
    assert recognized == [2]
    assert parsed.text == f"{PROSE.strip()}\n\nRead from page 2"
    assert [page.number for page in parsed.pages] == [1, 2]
    assert parsed.warnings == ()


def test_a_page_whose_recognition_fails_is_named(put: Put) -> None:
    def ocr(scans: Sequence[Scan]) -> list[ScannedPage]:
        return [ScannedPage(error="it took too long") for _ in scans]

    parsed = parsing.parse(put("a.pdf", pdf()), "a.pdf", ocr=ocr)
    assert parsed.text == PROSE.strip()
    assert parsed.warnings == (
        "The text of page 2 could not be recognized: it took too long.",
    )


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        ("png", "PNG"),
        ("jpg", "JPEG"),
        ("tiff", "TIFF"),
        ("webp", "WEBP"),
        ("gif", "GIF"),
        ("bmp", "BMP"),
    ],
)
def test_an_image_file_is_a_document(put: Put, suffix: str, kind: str) -> None:
    path = put(f"a.{suffix}", image(kind=kind))
    parsed = parsing.parse(path, f"a.{suffix}", ocr=recognize)
    assert parsed.text == "Read from page 1"
    assert [i.content for i in parsed.images] == [path.read_bytes()]
    with pytest.raises(EmptyDocument, match="contains an image but no text"):
        parsing.parse(
            path, f"a.{suffix}", ocr=lambda scans: [ScannedPage() for _ in scans]
        )


def test_the_pages_of_a_tiff_are_read_in_order(put: Put) -> None:
    buffer = io.BytesIO()
    pages = [PIL.Image.new("L", (300, 200), shade) for shade in (10, 90)]
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:])
    parsed = parsing.parse(put("a.tif", buffer.getvalue()), "a.tif", ocr=recognize)
    assert parsed.text == "Read from page 1\n\nRead from page 2"
    assert [page.number for page in parsed.pages] == [1, 2]


def test_an_image_with_a_wrong_suffix_is_rejected(put: Put) -> None:
    with pytest.raises(MismatchedType, match=r"\.png"):
        parsing.parse(put("a.png", image(kind="JPEG")), "a.png", ocr=recognize)


def test_the_text_of_an_image_follows_its_place_in_the_document() -> None:
    text = "Before\n\nAfter"
    blocks = (
        BlockSpan(0, 6, Kind.PARAGRAPH, page=1),
        BlockSpan(8, 13, Kind.PARAGRAPH, page=2),
    )
    images = (
        Image(image((20, 20)), "image/png", position=0),
        Image(image(), "image/png", position=8, page=1),
    )
    parsed = ParsedDocument(
        text, True, (PageSpan(0, 6, 1), PageSpan(8, 13, 2)), "x", blocks, images[1:2]
    )
    result = image_text.add(parsed, recognize)
    assert [result.text[b.start : b.end] for b in result.blocks] == [
        "Before",
        "After",
        "Read from page 1",
    ]
    assert result.pages[0] == PageSpan(0, 6, 1)
    small = ParsedDocument("x", images=images[:1])
    assert image_text.add(small, recognize) == small
