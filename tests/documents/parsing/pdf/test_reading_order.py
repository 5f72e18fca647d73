from __future__ import annotations

import dataclasses
import itertools
from functools import partial

import fpdf
import pytest

from documents.parsing.parsed_document import Kind
from documents.parsing.pdf import blocks, headings, lines, words
from documents.parsing.pdf.parts import Part
from documents.parsing.pdf.words import Word
from tests.documents.conftest import Put
from tests.documents.parsing.pdf import draw
from tests.documents.parsing.pdf.draw import LOREM, Draw, Parse, texts


@pytest.fixture
def parse(put: Put) -> Parse:
    return partial(draw.parse, put, font="times")


def word(text: str, x: float, base: float = 100.0, size: float = 10.0) -> Word:
    width = size / 2
    glyphs = [(char, x + width * (n + 0.5)) for n, char in enumerate(text)]
    right = x + width * len(text)
    return Word(glyphs, x, base - 0.8 * size, right, base + 0.2 * size, base, em=size)


def numbered(prefix: str, count: int) -> str:
    return " ".join(f"{prefix}{number}" for number in range(count))


def test_justified_words_of_equal_width_are_not_columns(parse: Parse) -> None:
    def draw(document: fpdf.FPDF) -> None:
        for x, name in ((20, "left"), (110, "right")):
            document.set_xy(x, 30)
            document.multi_cell(80, 5, numbered(name, 60))

    assert parse(draw).text == f"{numbered('left', 60)}\n\n{numbered('right', 60)}"


def test_a_caption_over_both_columns_divides_them(parse: Parse) -> None:
    caption = (
        "Figure 2: The caption of an image that spans both columns of the page, and is "
        "longer than one line, so that it ends in the second one."
    )

    def draw(document: fpdf.FPDF) -> None:
        for y, part in ((30, "a"), (170, "b")):
            for x, side in ((20, "left"), (110, "right")):
                document.set_xy(x, y)
                document.multi_cell(80, 5, numbered(part + side, 40))
        document.set_xy(20, 120)
        document.multi_cell(170, 5, caption)

    assert parse(draw).text.split("\n\n") == [
        numbered("aleft", 40),
        numbered("aright", 40),
        caption,
        numbered("bleft", 40),
        numbered("bright", 40),
    ]


def test_footnotes_follow_their_column(parse: Parse) -> None:
    def draw(document: fpdf.FPDF) -> None:
        for x, side in ((20, "left"), (110, "right")):
            document.set_font("times", size=11)
            document.set_xy(x, 30)
            document.multi_cell(80, 5, LOREM * 4)
            document.set_font("times", size=8)
            document.set_xy(x, 260)
            document.multi_cell(80, 3.5, f"1 Footnote of the {side} column.")

    read = [text.split(" ")[0] for text in parse(draw).text.split("\n\n")]
    assert read == ["The", "1", "The", "1"]


def test_text_with_wide_spacing_is_one_paragraph(parse: Parse) -> None:
    def draw(document: fpdf.FPDF) -> None:
        document.set_xy(20, 30)
        document.multi_cell(170, 11 * 2.3 * 0.3528, LOREM * 5)

    assert parse(draw).text == (LOREM * 5).strip()


def test_bold_words_do_not_divide_a_sentence(parse: Parse) -> None:
    def draw(document: fpdf.FPDF) -> None:
        document.set_xy(20, 30)
        document.multi_cell(
            60,
            5,
            "The hazard warning lights of the locked vehicle, as often as you want it, "
            "**flash twice and then light up** for some seconds.",
            markdown=True,
            align="L",
        )

    assert "\n" not in parse(draw).text


ROWS = [
    ("Ln", "Screen", "Start", "Title", "Format", "Total"),
    ("1", "SCR-1", "12/20/24", "Spectacular", "IMAX 3D", "$3,000"),
    ("2", "SCR-2", "12/26/24", "Wonderland", "Standard", "$3,600"),
]
COLUMNS = (20, 28, 44, 62, 84, 104)


def draw_rows(document: fpdf.FPDF, *, distance: float, count: int) -> None:
    document.set_font("helvetica", size=8)
    for number, row in enumerate(ROWS[:count]):
        for x, cell in zip(COLUMNS, row, strict=True):
            document.text(x, 40 + distance * number, cell)


def test_the_head_and_one_row_of_aligned_texts_are_a_table(parse: Parse) -> None:
    [table] = texts(
        parse(lambda document: draw_rows(document, distance=4, count=2)), Kind.TABLE
    )
    assert table.splitlines() == [
        "| Ln | Screen | Start | Title | Format | Total |",
        "| --- | --- | --- | --- | --- | --- |",
        "| 1 | SCR-1 | 12/20/24 | Spectacular | IMAX 3D | $3,000 |",
    ]


def test_a_remark_below_a_row_belongs_to_its_cell(parse: Parse) -> None:
    def draw(document: fpdf.FPDF) -> None:
        draw_rows(document, distance=8, count=3)
        document.set_font("helvetica", size=7)
        document.text(62, 52, "(142 min); Holiday Season Premium")

    [table] = texts(parse(draw), Kind.TABLE)
    assert table.splitlines()[2:] == [
        "| 1 | SCR-1 | 12/20/24 | Spectacular (142 min); Holiday Season Premium "
        "| IMAX 3D | $3,000 |",
        "| 2 | SCR-2 | 12/26/24 | Wonderland | Standard | $3,600 |",
    ]


def test_the_axes_of_two_charts_are_not_a_table(parse: Parse) -> None:
    def draw(document: fpdf.FPDF) -> None:
        document.set_font("helvetica", size=10)
        for x, start in ((20, 21), (90, 28)):
            for step in range(4):
                document.text(x, 40 + 6 * step, f"0.{start - step}")
            for step in range(4):
                document.text(x + 10 + 12 * step, 70, f"{2 * step + 2}")

    parsed = parse(draw)
    assert texts(parsed, Kind.TABLE) == []
    assert texts(parsed, Kind.PARAGRAPH) == [
        "0.21 0.20 0.19 0.18",
        "0.28 0.27 0.26 0.25",
        "2 4 6 8",
        "2 4 6 8",
    ]


def test_two_charts_are_read_one_after_the_other(parse: Parse) -> None:
    def draw(document: fpdf.FPDF) -> None:
        document.set_font("helvetica", size=10)
        for x, title in ((30, "Error"), (120, "Time")):
            with document.rotation(90, x - 8, 62):
                document.text(x - 8, 62, title)
            for step in range(6):
                document.text(x, 40 + 6 * step, f"0.{35 - step}")
            for step in range(4):
                document.text(x + 10 + 12 * step, 76, f"{2 * step + 2}")

    labels = texts(parse(draw), Kind.PARAGRAPH)
    axes = ["0.35 0.34 0.33 0.32 0.31 0.30", "2 4 6 8"]
    assert [text for text in labels if text != "Time"] == ["Error", *axes, *axes]
    assert labels.index("Time") < 4


def test_a_blank_band_divides_the_labels_of_a_page(parse: Parse) -> None:
    def draw(document: fpdf.FPDF) -> None:
        for x, name in ((20, "left"), (110, "right")):
            for row in (1, 2):
                document.text(x, 40 + 9 * row, f"Row {row} {name}")
        document.text(20, 120, "The footer")

    assert texts(parse(draw), Kind.PARAGRAPH)[-1] == "The footer"


def test_the_numbers_below_a_chart_are_one_line_above_its_caption(parse: Parse) -> None:
    def draw(document: fpdf.FPDF) -> None:
        document.set_xy(20, 20)
        document.multi_cell(170, 5, LOREM * 4)
        for step in range(5):
            document.text(40 + 25 * step, 100, f"{2 * step + 2}")
        document.text(80, 106, "Concentration")
        document.text(40, 115, "Fig. 5. Adsorption of tea.")

    assert texts(parse(draw), Kind.PARAGRAPH)[1:] == [
        "2 4 6 8 10 Concentration",
        "Fig. 5. Adsorption of tea.",
    ]


def test_texts_of_two_sizes_side_by_side_are_two_lines() -> None:
    large = [word("X", 100, size=14), word("X", 120, size=14)]
    [first, second] = lines.build([*large, word("legend", 138)])
    assert [first.text, second.text] == ["X X", "legend"]


def test_a_small_bullet_belongs_to_its_text() -> None:
    bullet = word("\u2022", 20, base=97, size=4)
    [line] = lines.build([bullet, word("True", 26)])
    assert line.text == "\u2022 True"


def test_a_wide_space_does_not_divide_a_line_from_right_to_left() -> None:
    text = ["\u0634\u0643\u0631\u0627"] * 4
    [line] = lines.build(
        [word(t, x) for t, x in zip(text, (20, 50, 80, 108), strict=True)]
    )
    assert [w.x0 for w in line.words] == [108, 80, 50, 20]


def test_the_box_of_a_font_for_mathematics_gets_a_usual_height() -> None:
    tall = dataclasses.replace(word("u", 50), y0=0, y1=200, em=10)
    fitted = words._fitted(tall)
    assert (fitted.y0, fitted.y1) == pytest.approx((90.5, 102.5))
    [line] = lines.build([word("Hidden", 15), fitted])
    assert line.text == "Hidden u"


def test_numbers_below_one_another_are_labels_except_at_an_axis() -> None:
    def texts_of(column: list[str]) -> list[str]:
        built = [
            lines.Line.of([word(text, 20, base=100 + 15 * number)])
            for number, text in enumerate(column)
        ]
        labels = blocks.labels(blocks.build(built))
        return [" ".join(line.text for line in label.lines) for label in labels]

    assert texts_of(["7", "14", "21", "29"]) == ["7 14 21 29"]
    assert texts_of(["7", "3", "5"]) == ["7", "3", "5"]


def test_a_header_with_page_numbers_is_one_on_two_pages(parse: Parse) -> None:
    def page(number: int) -> Draw:
        def draw(document: fpdf.FPDF) -> None:
            document.text(20, 12, f"{number} Report on Tea")
            document.set_xy(20, 40)
            document.multi_cell(170, 5, LOREM * 3)

        return draw

    assert texts(parse(page(8), page(10)), Kind.MARGIN) == ["8 Report on Tea"]


@pytest.mark.parametrize(
    "text", ["[Figure 4-5] Eight techniques", "\u3010\u56fe 2\u3011\u67b6\u6784"]
)
def test_a_caption_in_brackets_is_no_heading(text: str) -> None:
    caption = Part(text, (20, 20, 200, 40), size=20)
    body = Part(LOREM * 3, (20, 50, 200, 150), size=10)
    assert headings.levels([caption, body]) == {}


def test_regions_in_three_columns_are_read_one_after_the_other() -> None:
    def block(x: float, y: float) -> blocks.Block:
        result = blocks.Block()
        result.add(lines.Line.of([word("text", x, base=y)]))
        return result

    columns = [[block(x, y) for y in (20, 40, 60)] for x in (10, 60, 110)]
    rows = [block for row in zip(*columns, strict=True) for block in row]
    assert blocks.in_reading_order(rows) == list(itertools.chain(*columns))


def test_a_map_with_thousands_of_labels_is_read_from_top_to_bottom() -> None:
    labels = [word("x", 20.0 * (n % 100), 15.0 * (n // 100)) for n in range(5_000)]
    ordered = blocks.labels_in_order(labels[::-1], gap=20.0)
    assert [(label.y0, label.x0) for label in ordered] == sorted(
        (label.y0, label.x0) for label in labels
    )


@pytest.mark.parametrize(
    ("title", "below"),
    [
        ("Edge computing", "(in Chinese: 边缘计算)"),
        ("Repair, 123 Main Street, WA 98052, (425) 000-0000", LOREM),
    ],
)
def test_labels_and_addresses_are_no_headings(title: str, below: str) -> None:
    parts = [
        Part(title, (20, 20, 300, 40), size=20),
        Part(below, (20, 50, 500, 60), size=10),
        Part(LOREM * 9, (20, 70, 500, 200), size=10),
    ]
    assert headings.levels(parts) == {}
    titled = [dataclasses.replace(parts[0], text="Repair"), *parts[2:]]
    assert headings.levels(titled) == {0: 1}
