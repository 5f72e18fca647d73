from __future__ import annotations

import pytest

from documents.parsing.office.number_format import display_text

CASES = [
    ("0.125", "0.0%", "12.5%"),
    ("0.6666666666666666", "0%", "67%"),
    ("1234567.891", "#,##0.00", "1,234,567.89"),
    ("-5", "$#,##0_);($#,##0)", "($5)"),
    ("0", '#,##0;-#,##0;"-"', "-"),
    ("-3", "0.0;[Red]-0.0", "-3.0"),
    ("5", '0 "kg"', "5 kg"),
    ("1", "[$€-407] #,##0.00", "€ 1.00"),
    ("7", "0000", "0007"),
    ("1234567", "#,##0,", "1,235"),
    ("12345", "0.00E+00", "1.23E+04"),
    ("1.25", "# ?/?", "1 1/4"),
    ("5550100", r"000\-0000", "555-0100"),
    ("45000", "yyyy-mm-dd", "2023-03-15"),
    ("45000", "dddd, d mmmm yyyy", "Wednesday, 15 March 2023"),
    ("45000.5", "d/m/yy h:mm AM/PM", "15/3/23 12:00 PM"),
    ("0.00001158", "h:mm:ss", "0:00:01"),
    ("1.5", "[h]:mm", "36:00"),
    ("0.30000000000000004", "General", "0.3"),
    ("123456789012", "General", "123456789012"),
    ("text", "0.00", "text"),
    ("2", "0;;", "2"),
    ("15", '[>=10]"many";[<10]"few"', "many"),
]


@pytest.mark.parametrize(("value", "code", "text"), CASES)
def test_a_number_is_displayed_as_in_excel(value: str, code: str, text: str) -> None:
    assert display_text(value, code) == text


def test_the_other_epoch_of_dates_is_used() -> None:
    assert display_text("0", "yyyy-mm-dd", since_1904=True) == "1904-01-01"
