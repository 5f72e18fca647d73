"""Figures of PDF pages: images and drawings, with their boxes and captions."""

from __future__ import annotations

import io

import PIL.Image
import pypdfium2
import pytest
from fpdf import FPDF

from documents import parsing
from documents.parsing.parsed_document import Image, ParsedDocument
from tests.documents import make_files
from tests.documents.conftest import Put
from tests.documents.make_files import picture


def parse(put: Put, content: bytes) -> ParsedDocument:
    return parsing.parse(put("a.pdf", content), "a.pdf")


def page_with(*boxes: tuple[float, float, float], caption: str = "") -> FPDF:
    """Return a page of text with pictures at x, y and width, in points."""
    file = FPDF(unit="pt", format=(600, 800))
    file.set_font("helvetica", size=11)
    file.add_page()
    file.text(50, 40, "This page has a text that is long enough to be no scan at all.")
    for seed, (x, y, width) in enumerate(boxes):
        file.image(io.BytesIO(picture(300, 200, seed=seed)), x=x, y=y, w=width)
    if caption:
        file.text(50, boxes[0][1] + boxes[0][2] * 2 / 3 + 20, caption)
    return file


def boxes_of(images: tuple[Image, ...]) -> list[tuple[int, int, int, int]]:
    return [
        (round(b.left), round(b.top), round(b.right), round(b.bottom))
        for image in images
        if (b := image.box)
    ]


def shown(image: Image) -> PIL.Image.Image:
    return PIL.Image.open(io.BytesIO(image.content)).convert("RGB")


def test_images_and_drawings_have_page_box_and_caption(put: Put) -> None:
    parsed = parse(put, make_files.pdf_with_figures())
    photo, drawing = parsed.images
    assert (photo.page, photo.caption) == (1, "Figure 1: Growth of tea")
    assert (drawing.page, drawing.caption) == (2, "Fig. 2. Rice by year")
    assert boxes_of((photo,))[0][::2] == (113, 454)
    assert boxes_of((drawing,))[0][::2] == (124, 451)
    assert shown(photo).width == 850


def test_the_text_of_a_page_does_not_depend_on_its_figures(put: Put) -> None:
    text = "This page has a text that is long enough to be no scan at all."
    parsed = parse(put, bytes(page_with((50, 100, 300)).output()))
    assert parsed.text == text
    assert len(parsed.blocks) == 1
    [image] = parsed.images
    assert image.caption == ""
    assert image.position == len(text)


def test_a_figure_shows_the_area_of_its_box(put: Put) -> None:
    parsed = parse(put, bytes(page_with((50, 100, 300)).output()))
    [image] = parsed.images
    assert boxes_of(parsed.images) == [(50, 100, 350, 300)]
    original = PIL.Image.open(io.BytesIO(picture(300, 200)))
    small = shown(image).resize((300, 200))
    for point in ((5, 5), (40, 150), (150, 190), (250, 190)):
        expected, actual = original.getpixel(point), small.getpixel(point)
        assert isinstance(expected, tuple)
        assert actual == pytest.approx(expected, abs=12)


def test_a_caption_may_be_above_the_figures_of_a_document(put: Put) -> None:
    file = page_with((50, 100, 300), (50, 400, 300))
    file.text(50, 90, "Abbildung 1: Tee")
    file.text(50, 390, "Abbildung 2: Reis")
    captions = [image.caption for image in parse(put, bytes(file.output())).images]
    assert captions == ["Abbildung 1: Tee", "Abbildung 2: Reis"]


def test_the_tiles_of_an_image_are_one_figure(put: Put) -> None:
    tiles = page_with((50, 100, 150), (200, 100, 150), (50, 200, 150), (450, 100, 100))
    parsed = parse(put, bytes(tiles.output()))
    assert boxes_of(parsed.images) == [(50, 100, 350, 300), (450, 100, 550, 167)]


def test_icons_backgrounds_and_repeated_images_are_no_figures(put: Put) -> None:
    file = page_with((50, 100, 45))  # 30 points high
    file.image(io.BytesIO(picture(600, 790)), x=0, y=0, w=600, h=790)
    logo = picture(200, 100, seed=9)
    for _ in range(3):
        file.add_page()
        file.text(50, 40, "This page has a text that is long enough to be no scan.")
        file.image(io.BytesIO(logo), x=400, y=60, w=150)
    assert parse(put, bytes(file.output())).images == ()


def test_a_figure_on_a_rotated_page_is_upright(put: Put) -> None:
    file = page_with((50, 100, 300))
    document = pypdfium2.PdfDocument(bytes(file.output()))
    document[0].set_rotation(90)
    buffer = io.BytesIO()
    document.save(buffer)
    [image] = parse(put, buffer.getvalue()).images
    assert boxes_of((image,)) == [(500, 50, 700, 350)]
    assert shown(image).height > shown(image).width


def test_an_image_inside_a_form_object_is_a_figure(put: Put) -> None:
    file = page_with((50, 100, 300))
    source = pypdfium2.PdfDocument(bytes(file.output()))
    target = pypdfium2.PdfDocument.new()
    page = target.new_page(600, 800)
    form = source.page_as_xobject(0, target).as_pageobject()
    form.set_matrix(pypdfium2.PdfMatrix().scale(0.5, 0.5).translate(200, 100))
    page.insert_obj(form)
    page.gen_content()
    buffer = io.BytesIO()
    target.save(buffer)
    # The form is 400 points high and its lower edge is at 700 points from the top.
    assert boxes_of(parse(put, buffer.getvalue()).images) == [(225, 350, 375, 450)]


LOREM = "The quick brown fox jumps over the lazy dog near the quiet river bank. "


def caption_and_below(caption: str, below: str, **options: float) -> FPDF:
    """Return a page with a picture, its caption, and text directly below the caption."""
    file = page_with((50, 100, 300))
    file.set_xy(50, 310)
    file.multi_cell(500, 14, caption)
    file.set_font("helvetica", size=options.get("size", 11))
    file.set_xy(options.get("x", 50), file.get_y() + options.get("gap", 0))
    file.multi_cell(500, 14, below)
    return file


CAPTION = (
    "Figure 2: The growth of green tea in the gardens of Assam since the year 1900"
)


@pytest.mark.parametrize(
    ("caption", "below", "options"),
    [
        (CAPTION, LOREM * 3, {"gap": 5}),
        (f"{CAPTION}, as the reports of the gardens state it.", LOREM * 3, {"gap": 5}),
        (CAPTION, LOREM * 3, {"size": 10}),
        (CAPTION, "y = a + b x      (3)", {"x": 230}),
    ],
)
def test_text_directly_below_a_caption_is_not_part_of_it(
    put: Put, caption: str, below: str, options: dict[str, float]
) -> None:
    parsed = parse(put, bytes(caption_and_below(caption, below, **options).output()))
    [image] = parsed.images
    assert image.caption == caption
    assert parsed.text.endswith(f"\n\n{' '.join(below.split())}")


def test_a_caption_follows_a_paragraph_directly(put: Put) -> None:
    file = FPDF(unit="pt", format=(600, 800))
    file.set_font("helvetica", size=11)
    file.add_page()
    file.set_xy(50, 50)
    file.multi_cell(500, 14, LOREM * 3)
    file.set_xy(50, file.get_y())
    file.multi_cell(500, 14, CAPTION)
    file.image(io.BytesIO(picture(300, 200)), x=50, y=file.get_y() + 10, w=300)
    [image] = parse(put, bytes(file.output())).images
    assert image.caption == CAPTION


def test_a_sentence_about_a_figure_is_not_divided(put: Put) -> None:
    lines = [
        "The gardens of the valley are described at length in",
        "Figure 3 and in the text about the trade in green tea,",
        "which follows it.",
    ]
    file = FPDF(unit="pt", format=(600, 800))
    file.set_font("helvetica", size=11)
    file.add_page()
    for number, line in enumerate(lines):
        file.text(50, 50 + 14 * number, line)
    assert parse(put, bytes(file.output())).text == " ".join(lines)
