from __future__ import annotations

import io
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from documents.files import rendered_pages
from documents.files.rendered_pages import Marks
from documents.models import Chunk, Document
from documents.parsing.pdf.page_image import MARKER
from tests.documents import make_files

SENTENCE = (
    "The harvest of 1887 in the northern province was larger than any before it, and the "
    "price of a pound of leaves fell from nine to seven pence in a single summer."
)
WIDTH = 800


@pytest.fixture
def document(tmp_path: Path) -> Document:
    path = tmp_path / "tea.pdf"
    text = f"Tea is a plant. {SENTENCE} Later the price rose again."
    path.write_bytes(make_files.pdf([("Tea", text), ("Coffee", "Black.")]))
    return Document(name="tea.pdf", source_path=str(path))


def marked(document: Document, marks: Marks, page: int = 1) -> tuple[int, int, int]:
    """Return the number of marked pixels, and the top and the bottom of their area."""
    png = rendered_pages.render(document, page, WIDTH, "", marks)
    assert png is not None
    image = Image.open(io.BytesIO(png)).convert("RGB")
    rows = [
        y
        for y in range(image.height)
        for x in range(image.width)
        if image.getpixel((x, y)) == MARKER
    ]
    return len(rows), min(rows, default=0), max(rows, default=0)


def test_the_lines_of_a_quote_are_marked(document: Document) -> None:
    pixels, top, bottom = marked(document, Marks(SENTENCE))
    assert pixels > 1000
    words, first, last = marked(document, Marks("Later the price rose again."))
    assert 0 < words < pixels
    assert top <= first
    assert last >= bottom - 20


def test_a_quote_with_other_hyphens_is_marked_in_parts(document: Document) -> None:
    whole, *_ = marked(document, Marks(SENTENCE))
    parts, *_ = marked(document, Marks(SENTENCE.replace("province", "pro-vince")))
    assert whole / 3 < parts < whole


def test_the_boxes_are_marked_if_the_page_lacks_the_quote(document: Document) -> None:
    marks = Marks("Not on this page.", ((100.0, 200.0, 200.0, 230.0),))
    pixels, top, bottom = marked(document, marks, page=2)
    scale = WIDTH / 595.28
    assert pixels == pytest.approx(100 * 30 * scale**2, rel=0.05)
    assert (top, bottom) == pytest.approx((200 * scale, 230 * scale), abs=2)


def test_a_box_of_the_whole_page_is_not_marked(document: Document) -> None:
    assert marked(document, Marks("", ((0.0, 0.0, 595.0, 841.0),)))[0] == 0


def test_an_empty_quote_marks_nothing(document: Document) -> None:
    assert marked(document, Marks(" "))[0] == 0


def test_boxes_are_no_substitute_for_a_quote_on_another_page() -> None:
    positions = [{"page": 1, "box": [1, 2, 3, 4]}, {"page": 2, "box": [5, 6, 7, 8]}]
    chunk = Chunk(page_first=1, page_last=2, positions=positions)
    assert rendered_pages.marks_of(chunk, 2).boxes == ((5, 6, 7, 8),)
    assert rendered_pages.marks_of(chunk, 2, SENTENCE) == Marks(SENTENCE)
    chunk.page_last, chunk.positions = 1, positions[:1]
    assert rendered_pages.marks_of(chunk, 1, SENTENCE).boxes == ((1, 2, 3, 4),)


def test_a_quote_is_marked_on_a_rotated_page(document: Document) -> None:
    file = pypdfium2.PdfDocument(document.source_path)
    file[0].set_rotation(90)
    rotated = io.BytesIO()
    file.save(rotated)
    Path(document.source_path).write_bytes(rotated.getvalue())
    png = rendered_pages.render(document, 1, WIDTH, "", Marks(SENTENCE))
    assert png is not None
    image = Image.open(io.BytesIO(png)).convert("RGB")
    marks = [
        (x, y)
        for x in range(image.width)
        for y in range(image.height)
        if image.getpixel((x, y)) == MARKER
    ]
    columns, rows = zip(*marks, strict=True)
    assert max(rows) - min(rows) > 5 * (max(columns) - min(columns))  # lines run down
    assert min(columns) > image.width / 2  # the top of the text is on the right
