"""Parts of a PDF page: paragraphs, list items and tables in reading order."""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from documents.parsing import captions
from documents.parsing.pdf import aligned_tables, blocks, rulings, tables
from documents.parsing.pdf import lines as page_lines
from documents.parsing.pdf.blocks import Block
from documents.parsing.pdf.lines import BULLET, PROSE_CHARS, SENTENCE_END, Line
from documents.parsing.pdf.page_frame import Box, turn
from documents.parsing.pdf.rulings import Ruling
from documents.parsing.pdf.words import Word

FULL_LINE = 0.75
"""A line that is longer than this share of its block's width may continue in the next."""
PROSE_LINES = 2
"""Lower bound on the lines of running text with more than PROSE_CHARS characters."""
INDENT = 0.8
"""An indentation of this share of the line height begins a paragraph."""
OTHER_SIZE, OTHER_DISTANCE = 0.04, 1.2
"""Beside a caption, lines that differ more in size or distance are another paragraph."""
BAND = 3.5
"""A blank band of a drawing that is higher, in line heights, divides its labels."""
FORMULA_WORDS = 2
"""Upper bound on the words in a displayed formula."""
MAX_WORD = 80
"""Upper bound on the characters of a divided word."""
_CJK = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_CJK_END = re.compile(rf"[{_CJK}]$")
_CJK_START = re.compile(rf"^[{_CJK}]")
_HYPHENATED = re.compile(r"(?<![^\W\d_])(?<![^\W\d_]-)([^\W\d_]++(?:-[^\W\d_]++)*+)-$")
_OPERATOR = re.compile(
    "[=<>\u2248\u2260\u2264\u2265\u2208\u2211\u222b\u220f\u221d\U0001d400-\U0001d7ff]"
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_ITEM = re.compile(rf"(?:{BULLET.pattern})\s")


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph, a list item or a table of a page.

    `size` is the line height, `line_count` the number of lines. A table has `rows`.
    """

    text: str
    box: Box
    size: float = 0.0
    bold: bool = False
    line_count: int = 1
    is_item: bool = False
    rows: tuple[tuple[str, ...], ...] = ()


def of_page(words: Sequence[Word], page_rulings: Sequence[Ruling]) -> list[Part]:
    """Return the parts of a page.

    Text that is turned follows the level text. The labels of a drawing are in one order,
    whatever their angle.
    """
    angles = sorted(
        {word.angle for word in words}, key=lambda angle: (angle != 0, angle)
    )
    usual = max(angles, key=lambda a: sum(w.angle == a for w in words), default=0)
    layers = [
        _layer(
            [word for word in words if word.angle == angle],
            page_rulings if angle == 0 else (),
            angle,
        )
        for angle in sorted(angles, key=lambda angle: angle != usual)
    ]
    if any(layer.is_prose for layer in layers):
        placed = [item for layer in layers for item in layer.in_order()]
    else:
        labels = [item for layer in layers for item in layer.placed(usual)]
        mirrored = any(layer.mirrored for layer in layers)
        placed = _labels_in_order(labels, mirrored=mirrored)
    return [part for item in placed for part in _parts(item)]


@dataclass(slots=True)
class _Placed:
    """A block or table, and its box in the frame in which the page is read."""

    region: Block | tables.Table
    layer: _Layer
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class _Layer:
    """The blocks and tables of one angle. `is_prose` is false if all texts are labels."""

    angle: int
    regions: list[Block | tables.Table]
    mirrored: bool
    is_prose: bool

    def placed(self, angle: int) -> Iterator[_Placed]:
        """Yield the regions in the frame in which text of an angle is level."""
        for region in self.regions:
            box = (region.x0, region.y0, region.x1, region.y1)
            yield _Placed(region, self, *turn(box, angle - self.angle))

    def in_order(self) -> list[_Placed]:
        """Return the regions in the order of reading."""
        placed = list(self.placed(self.angle))
        if self.is_prose:
            return blocks.in_reading_order(placed, mirrored=self.mirrored)
        return _labels_in_order(placed, mirrored=self.mirrored)


def _labels_in_order(placed: Sequence[_Placed], *, mirrored: bool) -> list[_Placed]:
    sizes = [
        item.region.lines[0].size
        if isinstance(item.region, Block)
        else item.region.size
        for item in placed
    ]
    gap = BAND * statistics.median(sizes) if sizes else 0.0
    ordered = blocks.labels_in_order(placed, gap, mirrored=mirrored)
    result = ordered[:1]
    for item in ordered[1:]:
        row = blocks.joined(result[-1].region, item.region)
        if row and result[-1].layer is item.layer:
            result[-1] = replace(result[-1], region=row)
        else:
            result.append(item)
    return result


def _layer(words: list[Word], page_rulings: Sequence[Ruling], angle: int) -> _Layer:
    found = list[tables.Table]()
    for grid in rulings.grids(page_rulings):
        table = tables.ruled(grid, words)
        if table:
            found.append(table[0])
            inside = set(map(id, table[1]))
            words = [word for word in words if id(word) not in inside]
    lines = page_lines.build(words)
    for aligned, members in aligned_tables.find(lines):
        found.append(aligned)
        inside = set(map(id, members))
        lines = [line for line in lines if id(line) not in inside]
    mirrored = _is_right_to_left(words)
    built = blocks.build(lines)
    is_prose = any(map(_is_prose, built))
    built = blocks.build(blocks.with_axes(lines)) if is_prose else blocks.labels(built)
    return _Layer(angle, [*built, *found], mirrored, is_prose)


def _parts(item: _Placed) -> Iterator[Part]:
    region, layer = item.region, item.layer
    if isinstance(region, Block):
        yield from _paragraphs(region, mirrored=layer.mirrored)
        return
    box = turn((region.x0, region.y0, region.x1, region.y1), -layer.angle)
    rows = [row[::-1] for row in region.rows] if layer.mirrored else region.rows
    yield Part("", box, region.size, rows=tuple(map(tuple, rows)))


def _is_prose(block: Block) -> bool:
    """Return whether a block is running text, and not a label of a drawing."""
    return sum(len(line.text) > PROSE_CHARS for line in block.lines) >= PROSE_LINES


def _is_right_to_left(words: Sequence[Word]) -> bool:
    return sum(word.right_to_left for word in words) * 2 > len(words)


def _paragraphs(block: Block, *, mirrored: bool) -> Iterator[Part]:
    paragraph = list[Line]()
    spacing = _spacing(block)
    for line in block.lines:
        if paragraph and (
            _begins_paragraph(paragraph[-1], line, block, mirrored=mirrored)
            or _divides_caption(paragraph, line, spacing)
        ):
            yield _part(paragraph, block, mirrored=mirrored)
            paragraph = []
        paragraph.append(line)
    yield _part(paragraph, block, mirrored=mirrored)


def _spacing(block: Block) -> float:
    """Return the smallest distance of two lines of a block, 0 for a single line."""
    return min(
        (lower.base - upper.base for upper, lower in itertools.pairwise(block.lines)),
        default=0.0,
    )


def _divides_caption(paragraph: Sequence[Line], line: Line, spacing: float) -> bool:
    """Return whether a line is the first of a caption, or the first below one.

    Running text has lines that begin with "Figure 2", too, but in mid-sentence.
    """
    previous = paragraph[-1]
    if captions.is_caption(paragraph[0].text):
        return _is_apart(previous, line, spacing) or _is_formula(line, previous)
    return captions.is_caption(line.text) and (
        previous.text.endswith(SENTENCE_END) or _is_apart(previous, line, spacing)
    )


def _is_apart(upper: Line, lower: Line, spacing: float) -> bool:
    """Return whether two lines differ in size, or are further apart than others."""
    return (
        abs(upper.size - lower.size) > OTHER_SIZE * upper.size
        or lower.base - upper.base > OTHER_DISTANCE * spacing
    )


def _is_formula(line: Line, previous: Line) -> bool:
    """Return whether a line is a displayed formula: indented, with few words."""
    return (
        line.x0 > previous.x0 + line.size
        and bool(_OPERATOR.search(line.text))
        and len(_WORD.findall(line.text)) <= FORMULA_WORDS
    )


def _begins_paragraph(
    previous: Line, line: Line, block: Block, *, mirrored: bool
) -> bool:
    if _ITEM.match(line.text):
        return True
    indent = INDENT * line.size
    if mirrored:
        indented = (
            previous.x1 > line.x1 + indent and previous.x1 > block.x1 - indent / 2
        )
    else:
        indented = (
            previous.x0 < line.x0 - indent and previous.x0 < block.x0 + indent / 2
        )
    if _ITEM.match(previous.text):
        indented = False
    ends = previous.text.endswith(SENTENCE_END)
    return (indented and ends) or (
        ends and not _is_full(previous, block, mirrored=mirrored)
    )


def _is_full(line: Line, block: Block, *, mirrored: bool) -> bool:
    length = block.x1 - line.x0 if mirrored else line.x1 - block.x0
    return length > FULL_LINE * (block.x1 - block.x0)


def _part(lines: Sequence[Line], block: Block, *, mirrored: bool) -> Part:
    text = lines[0].text
    for previous, line in itertools.pairwise(lines):
        text = join(text, line.text, full=_is_full(previous, block, mirrored=mirrored))
    boxes = [line.box for line in lines]
    box = (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
    bold = sum(len(line.text) for line in lines if line.bold) * 2 > len(text)
    is_item = bool(_ITEM.match(text))
    return Part(text, box, lines[0].size, bold, len(lines), is_item)


def join(text: str, line: str, *, full: bool = True) -> str:
    """Return a text continued by a line; a word divided by a hyphen is joined.

    A hyphen stays before a capital or a digit, and in a word with other hyphens.
    """
    divided = _HYPHENATED.search(text[-MAX_WORD:]) if text.endswith("-") else None
    if divided and line[:1].islower():
        keeps = "-" in divided[1] or len(divided[1]) == 1
        return (text if keeps else text[:-1]) + line
    if text.endswith("-") and divided and line[:1].isalnum():
        return text + line
    if _CJK_END.search(text) and _CJK_START.search(line):
        return text + line
    return f"{text} {line}" if full else f"{text}\n{line}"
