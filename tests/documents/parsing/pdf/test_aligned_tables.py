from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import fpdf
import pytest

from documents.parsing.parsed_document import Kind
from tests.documents.conftest import Put
from tests.documents.parsing.pdf import draw
from tests.documents.parsing.pdf.draw import Draw, Parse, texts

Cell = tuple[float, float, str]
"""Distances from the left and the top in millimetres, and a text of 11 points."""


@pytest.fixture
def parse(put: Put) -> Parse:
    return partial(draw.parse, put)


def cells(*rows: Iterable[Cell]) -> Draw:
    def draw_cells(document: fpdf.FPDF) -> None:
        for x, y, text in (cell for row in rows for cell in row):
            document.text(x, y, text)

    return draw_cells


def table_rows(text: str) -> list[list[str]]:
    """Return the cells of a table, without the rule below its head."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines()]
    return [lines[0], *lines[2:]]


def test_heads_at_the_left_of_numbers_at_the_right_are_their_columns(
    parse: Parse,
) -> None:
    rows = [
        ((20, 40, "first"), (50, 40, "second"), (80, 40, "third")),
        *(
            ((45, y, str(n)), (75, y, str(6 - n)), (105, y, str(3 * n)))
            for n, y in enumerate((46, 52, 58), 1)
        ),
    ]
    [table] = texts(parse(cells(*rows)), Kind.TABLE)
    assert table_rows(table) == [
        ["first", "second", "third"],
        ["1", "5", "3"],
        ["2", "4", "6"],
        ["3", "3", "9"],
    ]


def test_wrapped_cells_of_spaced_rows_are_one_row(parse: Parse) -> None:
    rows = [
        ((20, 40, "Kind"), (50, 40, "Examples"), (110, 40, "Calories per")),
        ((110, 44.7, "portion"),),
        ((20, 56, "Leaves"), (50, 56, "Ash, Elm"), (110, 56, "50")),
        ((20, 68, "Berries"), (50, 68, "Blueberry,"), (110, 68, "150")),
        ((50, 72.7, "Cranberry"),),
        ((20, 84, "Grain"), (50, 84, "Corn,"), (110, 84, "200")),
        ((50, 88.7, "Barley"),),
    ]
    [table] = texts(parse(cells(*rows)), Kind.TABLE)
    assert table_rows(table) == [
        ["Kind", "Examples", "Calories per portion"],
        ["Leaves", "Ash, Elm", "50"],
        ["Berries", "Blueberry, Cranberry", "150"],
        ["Grain", "Corn, Barley", "200"],
    ]


def test_a_head_of_two_lines_is_one_row(parse: Parse) -> None:
    rows = [
        ((20, 40, "Inhibitor"), (60, 40, "Slope"), (90, 40, "Corrosion")),
        ((20, 44.7, "in grams"), (90, 44.7, "rate")),
        *(
            ((20, y, str(n)), (60, y, f"0.0{n}"), (90, y, f"{n}.81"))
            for n, y in enumerate((54, 58.7, 63.4), 2)
        ),
    ]
    [table] = texts(parse(cells(*rows)), Kind.TABLE)
    assert table_rows(table) == [
        ["Inhibitor in grams", "Slope", "Corrosion rate"],
        ["2", "0.02", "2.81"],
        ["3", "0.03", "3.81"],
        ["4", "0.04", "4.81"],
    ]


def test_a_page_number_below_a_wrapped_title_belongs_to_its_row(parse: Parse) -> None:
    rows = [
        ((20, 40, "Item 1."), (45, 40, "Business"), (150, 40, "4")),
        ((20, 46, "Item 2."), (45, 46, "Properties"), (150, 46, "8")),
        ((20, 52, "Item 3."), (45, 52, "Legal Proceedings"), (150, 52, "9")),
        ((20, 58, "Item"), (45, 58, "Discussion of Results")),
        ((23, 62.7, "3A."), (150, 62.7, "12")),
        ((20, 69, "Item 4."), (45, 69, "Statements"), (150, 69, "15")),
    ]
    [table] = texts(parse(cells(*rows)), Kind.TABLE)
    assert table_rows(table)[2:] == [
        ["Item 3.", "Legal Proceedings", "9"],
        ["Item 3A.", "Discussion of Results", "12"],
        ["Item 4.", "Statements", "15"],
    ]


def test_a_long_cell_is_divided_from_the_next_column(parse: Parse) -> None:
    rows = [
        ((20, y, month), (40, y, income), (60, y, "$100"))
        for y, month, income in (
            (40, "January", "$134"),
            (48, "September", "$150"),
            (56, "March", "$160"),
            (64, "April", "$210"),
        )
    ]
    [table] = texts(parse(cells(*rows)), Kind.TABLE)
    assert table_rows(table)[1] == ["September", "$150", "$100"]


def test_a_title_between_two_tables_divides_them(parse: Parse) -> None:
    rows = [
        ((20, 40, "Start"), (44, 40, "End"), (68, 40, "Shows"), (96, 40, "Gross")),
        ((20, 45, "12/20"), (44, 45, "12/31"), (68, 45, "48"), (96, 45, "$12,500")),
        ((20, 52, "Totals"),),
        ((20, 59, "Month"), (54, 59, "Shows"), (82, 59, "Gross"), (116, 59, "Net")),
        ((20, 64, "December"), (54, 64, "48"), (82, 64, "$12,500"), (116, 64, "$1")),
    ]
    parsed = parse(cells(*rows))
    assert [len(table_rows(table)) for table in texts(parsed, Kind.TABLE)] == [2, 2]
    assert "Totals" in parsed.text.splitlines()


def test_a_number_that_is_wrapped_in_its_cell_is_one_row(parse: Parse) -> None:
    def draw_table(document: fpdf.FPDF) -> None:
        for y in (40, 50, 60):
            document.line(20, y, 120, y)
        for x in (20, 60, 80, 100, 120):
            document.line(x, 40, x, 60)
        for x, year in ((62, "2004"), (82, "2005"), (102, "2006")):
            document.text(x, 45, year)
            document.text(x, 54, "$58,15")
            document.text(x, 58.7, "0")
        document.text(22, 54, "Approvals")

    [table] = texts(parse(draw_table), Kind.TABLE)
    assert table.splitlines()[-1] == "| Approvals | $58,15 0 | $58,15 0 | $58,15 0 |"


def test_a_superscript_stays_behind_the_word_in_its_cell(parse: Parse) -> None:
    def draw_table(document: fpdf.FPDF) -> None:
        for y in (40, 50, 60):
            document.line(20, y, 100, y)
        for x in (20, 60, 100):
            document.line(x, 40, x, 60)
        for x in (22, 62):
            document.text(x, 56, "cell")
            document.text(x, 46, "Model")
        document.set_font_size(6)
        document.text(33.5, 44.4, "1")

    [table] = texts(parse(draw_table), Kind.TABLE)
    assert table_rows(table)[0] == ["Model 1", "Model"]


def test_a_page_may_contain_a_table_only(parse: Parse) -> None:
    def draw_table(document: fpdf.FPDF) -> None:
        for y in (40, 50, 60):
            document.line(20, y, 100, y)
        for x in (20, 60, 100):
            document.line(x, 40, x, 60)
        for y in (46, 56):
            document.text(22, y, "left")
            document.text(62, y, "right")

    parsed = parse(draw_table)
    assert [table_rows(table) for table in texts(parsed, Kind.TABLE)] == [
        [["left", "right"], ["left", "right"]]
    ]
    assert not parsed.warnings
