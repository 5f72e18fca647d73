from __future__ import annotations

import pytest

from documents import parsing
from documents.parsing.office import symbols
from tests.documents.conftest import Put


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("an angle \uf071 = 90", "an angle θ = 90"),
        ("\uf0b7 first\n\uf0a7 second", "\u2022 first\n\u2022 second"),
        ("5 \uf0b3 3 \uf0e0 true \uf0fc", "5 ≥ 3 → true ✓"),
    ],
)
def test_symbols_become_unicode(stored: str, text: str) -> None:
    assert symbols.unicode_of(stored) == text


def test_symbols_of_rtf_are_no_latin_letters(put: Put) -> None:
    content = rb"{\rtf1\ansi An angle \u-3983? of 90 degrees.\par}"
    parsed = parsing.parse(put("a.rtf", content), "a.rtf")
    assert parsed.text == "An angle θ of 90 degrees."


def test_a_symbol_depends_on_its_font() -> None:
    assert symbols.of_font(0xF061, "Symbol") == "α"
    assert symbols.of_font(0xFC, "Wingdings") == "✓"
    assert symbols.of_font(0xF061, "Webdings") == ""
