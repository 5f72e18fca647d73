from __future__ import annotations

from functools import partial

import fpdf
import pytest

from documents.parsing.parsed_document import Kind
from documents.parsing.pdf import pdf_parser
from tests.documents.conftest import Put
from tests.documents.parsing.pdf import draw
from tests.documents.parsing.pdf.draw import LOREM, Draw, Parse, texts


@pytest.fixture
def parse(put: Put) -> Parse:
    return partial(draw.parse, put)


def column(document: fpdf.FPDF, x: float, words: str) -> None:
    document.set_xy(x, 30)
    document.multi_cell(80, 5, words)


def test_two_columns_are_read_one_after_the_other(
    parse: Parse,
) -> None:
    left = " ".join(f"left{n}" for n in range(60))
    right = " ".join(f"right{n}" for n in range(60))

    def draw(document: fpdf.FPDF) -> None:
        column(document, 20, left)
        column(document, 106, right)

    parsed = parse(draw)
    assert parsed.text == f"{left}\n\n{right}"
    assert [block.box.left for block in parsed.blocks if block.box] == pytest.approx(
        [20 / 25.4 * 72, 106 / 25.4 * 72], abs=4
    )


def test_a_ruled_table_keeps_its_rows(parse: Parse) -> None:
    def draw(document: fpdf.FPDF) -> None:
        document.multi_cell(170, 5, LOREM * 3)
        document.ln(10)
        with document.table(width=120) as table:
            for cells in [
                ("Tea", "Price"),
                ("Green & white", "12.5 %"),
                ("Black", "3 < 4"),
            ]:
                table.row(cells)

    parsed = parse(draw)
    [table] = texts(parsed, Kind.TABLE)
    assert table == (
        "| Tea | Price |\n| --- | --- |\n| Green & white | 12.5 % |\n| Black | 3 < 4 |"
    )


def test_aligned_texts_without_lines_are_a_table(
    parse: Parse,
) -> None:
    rows = [
        ("Year", "Sales", "Cost"),
        ("2019", "1,200", "900"),
        ("2020", "1,350", "-"),
        ("2021", "1,500", "980"),
    ]

    def draw(document: fpdf.FPDF) -> None:
        for number, row in enumerate(rows):
            for index, cell in enumerate(row):
                document.text(20 + 40 * index, 30 + 6 * number, cell)

    [table] = texts(parse(draw), Kind.TABLE)
    assert table.splitlines()[2:] == [
        "| 2019 | 1,200 | 900 |",
        "| 2020 | 1,350 | - |",
        "| 2021 | 1,500 | 980 |",
    ]


def test_only_a_title_above_text_is_a_heading(
    parse: Parse,
) -> None:
    def draw(document: fpdf.FPDF) -> None:
        for title in ("The History of Tea", "and this is large, but not a title,"):
            document.set_font("helvetica", size=18)
            document.multi_cell(170, 9, title)
            document.ln(6)
            document.set_font("helvetica", size=11)
            document.multi_cell(170, 5, LOREM * 4)
            document.ln(6)

    assert texts(parse(draw), Kind.HEADING) == ["# The History of Tea"]


def test_a_divided_word_is_joined_but_not_a_compound(
    parse: Parse,
) -> None:
    def draw(document: fpdf.FPDF) -> None:
        for number, line in enumerate(
            [
                "The agreement was about infor-",
                "mation and the state-of-the-",
                "art of 1914-",
                "1918, as everybody knows.",
            ]
        ):
            document.text(20, 30 + 5 * number, line)

    assert parse(draw).text.replace("\n", " ") == (
        "The agreement was about information and the state-of-the-art of 1914- "
        "1918, as everybody knows."
    )


def test_a_running_header_is_kept_once_and_page_numbers_are_dropped(
    parse: Parse,
) -> None:
    def page(number: int) -> Draw:
        def draw(document: fpdf.FPDF) -> None:
            document.text(20, 12, "Annual Report of the Tea Company")
            document.text(100, 290, str(number))
            document.set_xy(20, 40)
            document.multi_cell(170, 5, f"Page {number} begins. " + LOREM * 3)

        return draw

    parsed = parse(*(page(number) for number in range(1, 5)))
    assert texts(parsed, Kind.MARGIN) == ["Annual Report of the Tea Company"]
    assert len(texts(parsed, Kind.PARAGRAPH)) == 4
    assert [page.number for page in parsed.pages] == [1, 2, 3, 4]


def test_text_on_a_rotated_page_is_read_from_top_to_bottom(put: Put) -> None:
    document = fpdf.FPDF()
    document.add_page()
    document.set_font("helvetica", size=11)
    with document.rotation(90, 100, 100):
        document.text(100, 100, "First line of the turned page")
        document.text(100, 106, "second line of the turned page")
    parsed = pdf_parser.parse(put("a.pdf", bytes(document.output())), "a.pdf")
    assert parsed.text.split("\n")[0].startswith("First line of the turned page")
    [block] = parsed.blocks
    assert block.box is not None
    assert block.box.bottom - block.box.top > block.box.right - block.box.left


def test_notes_and_attachments_belong_to_the_document(put: Put) -> None:
    document = fpdf.FPDF()
    document.add_page()
    document.set_font("helvetica", size=11)
    document.text(20, 30, "Contract about the delivery of tea")
    document.text_annotation(60, 60, "Please check the date", title="Ann")
    document.embed_file(bytes=b"a,b\n\xff,2\n", basename="prices.csv")
    parsed = pdf_parser.parse(put("a.pdf", bytes(document.output())), "a.pdf")
    assert texts(parsed, Kind.NOTE) == ["Ann: Please check the date"]
    assert [(a.name, a.content) for a in parsed.attachments] == [
        ("prices.csv", b"a,b\n\xff,2\n")
    ]


def test_ampersands_and_symbols_are_kept_without_escapes(
    parse: Parse,
) -> None:
    text = "R&D at AT&T: a < b > c, *stars*, [brackets], World! #1 0.125 |x|"
    parsed = parse(lambda document: document.text(20, 30, text))
    assert parsed.text == text


def drawn_minus() -> bytes:
    """Return a page with a bar before a number, in a font that does not name the bar."""
    page = rb"BT /F1 12 Tf 100 700 Td (Value) Tj /F2 12 Tf 40 0 Td (\003) Tj /F1 12 Tf"
    page += b" 8 0 Td (0.93) Tj ET"
    bar = b"500 0 0 200 500 240 d1 50 200 450 40 re f"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R/F2 6 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(page), page),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Type/Font/Subtype/Type3/FontBBox[0 0 500 700]/FontMatrix[.001 0 0 .001 0 0]"
        b"/CharProcs<</C3 7 0 R>>/Encoding<</Differences[3/C3]>>"
        b"/FirstChar 3/LastChar 3/Widths[500]>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(bar), bar),
    ]
    body = b"".join(
        b"%d 0 obj\n%s\nendobj\n" % (number, content)
        for number, content in enumerate(objects, 1)
    )
    return b"%PDF-1.4\n" + body + b"trailer<</Size 8/Root 1 0 R>>\n"


def test_an_unnamed_bar_is_a_minus_sign(put: Put) -> None:
    parsed = pdf_parser.parse(put("a.pdf", drawn_minus()), "a.pdf")
    assert parsed.text == "Value \u2212 0.93"
