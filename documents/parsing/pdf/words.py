"""Words of a PDF page with their positions, from PDFium's characters."""

from __future__ import annotations

import ctypes
import itertools
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from operator import itemgetter

import pypdfium2
import pypdfium2.raw as pdfium

from documents.parsing.pdf.page_frame import Box, PageFrame, turn

MAX_CHARS = 200_000
"""Upper bound on the characters of a page that are read."""
WORD_GAP = 0.15
"""A gap of this share of the character height divides words."""
GUESSED_GAP = 0.03
"""The same share where PDFium guesses a space from the widths of the font."""
USUAL_ASCENT, USUAL_DESCENT = 0.95, 0.25
"""Distances of the upper and the lower side of a character's box to its baseline, in em."""
USUAL_HEIGHT = USUAL_ASCENT + USUAL_DESCENT
MIN_HEIGHT, MAX_HEIGHT = 0.5, 2.2
"""Boxes of other heights, in em, are not those of letters."""
SAME_SPOT = 0.3
"""Equal characters closer than this share of their width imitate one bold character."""
LINE_END_HYPHENS = (0x02, 0xFFFE)
"""Code points with which PDFium marks a hyphen at the end of a line."""
BULLETS = dict.fromkeys((0xF0B7, 0xF0A7, 0xF0D8, 0xF0A8, 0xF076, 0xF06E), "\u2022")
"""The bullets of the fonts Symbol and Wingdings."""
UNKNOWN, MINUS = "\ufffd", "\u2212"
BAR = 3.0
"""An unknown character that is wider than this multiple of its height is a minus sign."""
SPACES = frozenset({0x09, 0x0A, 0x0D, 0x20, 0xA0, 0x2002, 0x2003, 0x2009, 0x3000})
SPACE, GUESSED_SPACE = " ", ""
SPACES_AND_GUESSES = frozenset({SPACE, GUESSED_SPACE})
IGNORED = frozenset({0x00, 0xAD, 0x200B, 0xFEFF})
_glyph_text = itemgetter(0)
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")


@dataclass(frozen=True, slots=True)
class Font:
    """A font. `height` is that of the boxes of its characters, in em."""

    bold: bool
    height: float


@dataclass(slots=True)
class Word:
    """Characters without a space between them.

    `x0` to `y1` lie in the frame in which the text is level; `angle`, in degrees clockwise
    on the shown page, turns the page into it. `spaced` is true if a space precedes the word
    in the file. `unmapped` is true if the font does not say which characters it shows.
    """

    glyphs: list[tuple[str, float]]
    """Each character with the position of its center."""
    x0: float
    y0: float
    x1: float
    y1: float
    base: float
    """The baseline."""
    angle: int = 0
    em: float = 0.0
    """Size of the font, or 0 if it is not known."""
    spaced: bool = True
    bold: bool = False
    unmapped: bool = False

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def text(self) -> str:
        return "".join(map(_glyph_text, self.glyphs))

    @property
    def right_to_left(self) -> bool:
        text = self.text
        return not text.isascii() and any(
            unicodedata.bidirectional(char) in {"R", "AL"} for char in text
        )

    @property
    def box(self) -> Box:
        """Return the box on the shown page."""
        return turn((self.x0, self.y0, self.x1, self.y1), -self.angle)


def read(page: pypdfium2.PdfPage, frame: PageFrame) -> list[Word]:
    """Return the words of a page in the order in which the file draws them."""
    text_page = page.get_textpage()
    try:
        words = [_ordered(_fitted(word)) for word in _words(text_page.raw, frame)]
    finally:
        text_page.close()
    return _without_copies(word for word in words if frame.shows(word.box))


def _words(text: pdfium.FPDF_TEXTPAGE, frame: PageFrame) -> Iterator[Word]:
    """Yield the words; a space, a gap, or a change of line, size or angle ends one."""
    word: Word | None = None
    fonts = dict[int, Font]()
    spaced, gap = True, WORD_GAP
    for index, glyph, box, angle in _characters(text, frame):
        if glyph in SPACES_AND_GUESSES:
            spaced = spaced or glyph == SPACE
            gap = GUESSED_GAP
            continue
        if word and not spaced and _continues(word, box, angle, gap):
            gap = WORD_GAP
            if not _repeats(word, glyph, box):
                _append(word, glyph, box)
            continue
        if word and _repeats(word, glyph, box) and angle == word.angle:
            continue
        if word:
            yield word
        center = (box[0] + box[2]) / 2
        base = frame.baseline(text, index, box, angle)
        font = _font(text, index, fonts)
        unmapped = pdfium.FPDFText_HasUnicodeMapError(text, index) == 1
        em = (box[3] - box[1]) / font.height
        word = Word(
            [(glyph, center)], *box, base, angle, em, spaced, font.bold, unmapped
        )
        spaced, gap = False, WORD_GAP
    if word:
        yield word


def _characters(
    text: pdfium.FPDF_TEXTPAGE, frame: PageFrame
) -> Iterator[tuple[int, str, Box, int]]:
    """Yield index, text, box and angle of each character; a space has no box.

    The angle is asked for once per run of characters, because each call costs 1 µs.
    """
    bounds = pdfium.FS_RECTF()
    pointer = ctypes.byref(bounds)
    code_of, bounds_of = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetLooseCharBox
    high, angle, known_angle = 0, 0, False
    for index in range(min(MAX_CHARS, pdfium.FPDFText_CountChars(text))):
        code = code_of(text, index)
        if code in SPACES:
            guessed = pdfium.FPDFText_IsGenerated(text, index) == 1
            yield index, GUESSED_SPACE if guessed else SPACE, (0, 0, 0, 0), 0
            known_angle = False
            continue
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00
        if code in IGNORED or not bounds_of(text, index, pointer):
            continue
        if not known_angle:
            angle = frame.angle(pdfium.FPDFText_GetCharAngle(text, index))
            known_angle = True
        glyph = _glyph(code)
        if glyph == UNKNOWN and angle == 0 and _is_bar(text, index):
            glyph = MINUS
        yield index, glyph, frame.level_box(bounds, angle), angle


def _glyph(code: int) -> str:
    """Return the text of a code point; a ligature becomes the letters it stands for.

    Private code points are those of symbol fonts. Only their bullets have a meaning.
    """
    if code in LINE_END_HYPHENS:
        return "-"
    if 0xE000 <= code <= 0xF8FF:
        return BULLETS.get(code, UNKNOWN)
    if 0xFB00 <= code <= 0xFDFF or 0xFE70 <= code <= 0xFEFE:
        return unicodedata.normalize("NFKC", chr(code)).strip() or chr(code)
    return UNKNOWN if code < 0x20 or 0x7F <= code < 0xA0 else chr(code)


def _is_bar(text: pdfium.FPDF_TEXTPAGE, index: int) -> bool:
    """Return whether a character is drawn as a horizontal bar.

    Fonts of some journals do not say that this character is a minus sign.
    """
    edges = [ctypes.c_double() for _ in range(4)]
    pdfium.FPDFText_GetCharBox(text, index, *map(ctypes.byref, edges))
    left, right, bottom, top = (edge.value for edge in edges)
    return right - left > BAR * (top - bottom) > 0


def _continues(word: Word, box: Box, angle: int, limit: float) -> bool:
    height = word.height
    gap = max(box[0] - word.x1, word.x0 - box[2])
    shift = abs((box[1] + box[3]) - (word.y0 + word.y1)) / 2
    same_size = 0.75 * height < box[3] - box[1] < 1.33 * height
    return (
        angle == word.angle
        and gap < limit * height
        and shift < 0.2 * height
        and same_size
    )


def _repeats(word: Word, glyph: str, box: Box) -> bool:
    """Return whether a character is drawn twice at one place, which imitates bold.

    The letters of a ligature have exactly the same box, and are not repeated.
    """
    last, center = word.glyphs[-1]
    width = box[2] - box[0]
    return (
        last == glyph
        and 0.001 < abs((box[0] + box[2]) / 2 - center) < SAME_SPOT * width
        and abs(box[1] - word.y0) < SAME_SPOT * word.height
    )


def _append(word: Word, glyph: str, box: Box) -> None:
    word.glyphs.append((glyph, (box[0] + box[2]) / 2))
    word.x0, word.x1 = min(word.x0, box[0]), max(word.x1, box[2])
    word.y0, word.y1 = min(word.y0, box[1]), max(word.y1, box[3])


def _font(text: pdfium.FPDF_TEXTPAGE, index: int, fonts: dict[int, Font]) -> Font:
    """Return the font of a character, from `fonts` if it was read before."""
    handle = pdfium.FPDFTextObj_GetFont(pdfium.FPDFText_GetTextObject(text, index))
    address = ctypes.cast(handle, ctypes.c_void_p).value or 0
    font = fonts.get(address)
    if font is None:
        font = Font(_is_bold(text, index), _height(handle) if handle else USUAL_HEIGHT)
        fonts[address] = font
    return font


def _is_bold(text: pdfium.FPDF_TEXTPAGE, index: int) -> bool:
    if pdfium.FPDFText_GetFontWeight(text, index) >= 600:
        return True
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(text, index, name, 128, ctypes.byref(flags))
    return b"bold" in name.value.lower() or b"black" in name.value.lower()


def _height(font: pdfium.FPDF_FONT) -> float:
    ascent, descent = ctypes.c_float(), ctypes.c_float()
    if not (
        pdfium.FPDFFont_GetAscent(font, 1.0, ctypes.byref(ascent))
        and pdfium.FPDFFont_GetDescent(font, 1.0, ctypes.byref(descent))
    ):
        return USUAL_HEIGHT
    return max(MIN_HEIGHT, ascent.value - descent.value)


def _fitted(word: Word) -> Word:
    """Return a word whose box has a usual height about the baseline.

    The boxes of fonts for mathematics are several lines high, for their large brackets.
    """
    if word.height < MAX_HEIGHT * word.em or word.angle % 90:
        return word
    y0, y1 = word.base - USUAL_ASCENT * word.em, word.base + USUAL_DESCENT * word.em
    return replace(word, y0=y0, y1=y1)


def _ordered(word: Word) -> Word:
    """Put the letters of a right-to-left word, which may be stored as shown, in order."""
    if not word.right_to_left or len(word.glyphs) == 1:
        return word
    letters = [(t, x) for t, x in word.glyphs if not unicodedata.combining(t[0])]
    steps = [b[1] - a[1] for a, b in itertools.pairwise(letters)]
    if sum(step > 0 for step in steps) <= len(steps) / 2:
        return word
    clusters = list[list[tuple[str, float]]]()
    for glyph in word.glyphs:
        if clusters and unicodedata.combining(glyph[0][0]):
            clusters[-1].append(glyph)
        else:
            clusters.append([(glyph[0].translate(_MIRRORED), glyph[1])])
    return replace(word, glyphs=[glyph for part in clusters[::-1] for glyph in part])


def _without_copies(words: Iterator[Word]) -> list[Word]:
    """Drop words that are drawn again at nearly the same place, as for a shadow."""
    seen = dict[tuple[str, int, int], Word]()
    result = list[Word]()
    for word in words:
        cell = max(1.0, word.height)
        key = (word.text, round(word.x0 / cell), round(word.y0 / cell))
        candidates = [
            seen.get((key[0], key[1] + dx, key[2] + dy))
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
        ]
        if not any(
            other
            and abs(other.x0 - word.x0) < SAME_SPOT * cell
            and abs(other.y0 - word.y0) < SAME_SPOT * cell
            for other in candidates
        ):
            result.append(word)
            seen[key] = word
    return result
