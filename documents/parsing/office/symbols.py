"""Characters of the font Symbol in office files, as Unicode.

Word and PowerPoint store them at U+F020 to U+F0FF, which have no meaning without the font.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from documents.parsing.parsed_document import Block

BULLET = "\u2022"
_FIRST = 0xF020
_ENCODING = (
    " !∀#∃%&∋()∗+,−./0123456789:;<=>?"
    "≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_"
    "‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼ " + " " * 32 + "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…|―↵"
    "ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓"
    "◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪ 〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭ "
)
"""The characters from U+F020, by Adobe's encoding of the font."""
_WINGDINGS = {
    0xF04A: "☺",
    0xF06F: "☐",
    0xF0A8: "☐",
    0xF0DF: "←",
    0xF0E0: "→",
    0xF0E8: "➔",
    0xF0FB: "✗",
    0xF0FC: "✓",
    0xF0FD: "☒",
    0xF0FE: "☒",
}
_USUAL_WINGDINGS = frozenset({0xF04A, 0xF0DF, 0xF0E0, 0xF0E8, *range(0xF0FB, 0xF0FF)})
"""Characters of Wingdings that are more usual than those of Symbol at the same place."""
_SYMBOLS = {_FIRST + index: char for index, char in enumerate(_ENCODING)}
_UNICODE = _SYMBOLS | {code: _WINGDINGS[code] for code in _USUAL_WINGDINGS}
_PRIVATE = re.compile("[\uf020-\uf0ff]")
_ITEM = re.compile("^[\uf020-\uf0ff](?=\\s|$)", re.MULTILINE)


def decoded(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield blocks with the Unicode characters of symbols.

    A symbol at the beginning of a line is a bullet, in whatever font.
    """
    for block in blocks:
        if _PRIVATE.search(block.text):
            yield replace(block, text=unicode_of(block.text))
        elif any(_PRIVATE.search(cell) for row in block.rows for cell in row):
            rows = tuple(tuple(map(unicode_of, row)) for row in block.rows)
            yield replace(block, rows=rows)
        else:
            yield block


def unicode_of(text: str) -> str:
    """Return a text with Unicode characters in place of symbols and bullets."""
    return _ITEM.sub(BULLET, text).translate(_UNICODE)


def of_font(code: int, font: str) -> str:
    """Return a character of Symbol or Wingdings; empty if it is not known."""
    table = _SYMBOLS if font.casefold() == "symbol" else _WINGDINGS
    return table.get(0xF000 | (code & 0xFF), "")
