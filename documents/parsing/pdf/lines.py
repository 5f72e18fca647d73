"""Lines of a PDF page: words with the same baseline, up to the gap between two columns."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from documents.parsing.pdf.page_frame import Box, turn
from documents.parsing.pdf.words import Word

WORD_SPACE = 0.6
"""A gap of less than this share of the line height is a space between words."""
COLUMN_GAP = 1.0
"""A gap of more than this share divides columns if it goes on in the next line."""
SAME_BASE = 0.35
"""Lines whose baselines differ by less than this share of their height are side by side."""
ROWS_COMPARED = 3
"""Number of lines above and below that are compared."""
EQUAL_GAP = 0.03
"""Gaps whose widths differ by less than this share are spaces of justified text."""
SAME_START = 1.0
"""Lines whose left edges differ by less, in points, are aligned."""
MIN_COMMON = 3
"""Rows with so many aligned lines, beside their first, are rows of one table."""
WIDE_SPACE = 2.5
"""A wider gap always divides them; a narrower one may be a space of justified text."""
MAX_SIZES = 1.3
"""Texts with a wide space between them are one line up to this ratio of their sizes."""
SPACE = 0.08
"""A gap of this share of the line height is a space, although the file has none."""
BULLET_SPACE = 6.0
"""Upper bound on the gap after the bullet or number of a list item."""
BULLET = re.compile(
    "[\u2022\u25cf\u25cb\u25aa\u25a0\u2023\u2043\u2219\u25e6\u27a2\u2013*-]"
    r"|\(?(?:\d{1,3}|[A-Za-z]|[ivx]{1,5})[.)]|\.\d{1,2}"
)
"""Matches the bullet or the number of a list item."""
PROSE_CHARS = 25
"""A line with more characters is one of running text, and not a label."""
SENTENCE_END = (".", "!", "?", ":", "。", "！", "？", "؟")
SYMBOLS = frozenset("\u2022\u25cf\u25cb\u25aa\u25a0\u2023\u2219\u25e6\u27a2")
"""Bullets that are often much smaller than their text."""
ROW_POINTS = 8.0
"""Height of the buckets in which lines are looked up."""


@dataclass(slots=True)
class Line:
    """Words side by side, in reading order after `finish`."""

    words: list[Word]
    x0: float
    y0: float
    x1: float
    y1: float
    angle: int = 0
    base: float = 0.0
    """Baseline of most characters."""
    size: float = 0.0
    """Height of most characters."""
    text: str = ""
    bold: bool = False
    em: float = 0.0
    """Size of its font."""

    @classmethod
    def of(cls, words: Sequence[Word]) -> Line:
        line = cls(
            list(words),
            min(word.x0 for word in words),
            min(word.y0 for word in words),
            max(word.x1 for word in words),
            max(word.y1 for word in words),
            words[0].angle,
        )
        line.size = _most((word.height, len(word.glyphs)) for word in words) or 1.0
        line.em = max(words, key=lambda word: len(word.glyphs)).em or line.size
        line.base = _most((word.base, len(word.glyphs)) for word in words)
        line.text = _text(line.words)
        line.bold = sum(len(w.glyphs) for w in words if w.bold) * 2 > sum(
            len(w.glyphs) for w in words
        )
        return line

    @property
    def box(self) -> Box:
        """Return the box on the shown page."""
        return turn((self.x0, self.y0, self.x1, self.y1), -self.angle)


def build(words: Iterable[Word]) -> list[Line]:
    """Return the lines of words of one angle, from top to bottom."""
    groups = list[list[Word]]()
    buckets = defaultdict[int, list[list[Word]]](list)
    for word in sorted(words, key=lambda word: word.x0):
        bucket = round((word.y0 + word.y1) / 2 / ROW_POINTS)
        reach = 1 + int(word.height / ROW_POINTS / 2)
        near = (
            group
            for index in range(bucket - reach, bucket + reach + 1)
            for group in buckets[index]
        )
        group = min(
            (group for group in near if _continues(group, word)),
            key=lambda group: abs(group[-1].y1 - word.y1) + abs(word.x0 - group[-1].x1),
            default=None,
        )
        if group is None:
            group = [word]
            groups.append(group)
            buckets[bucket].append(group)
        else:
            group.append(word)
    lines = sorted(map(Line.of, groups), key=lambda line: (line.y0, line.x0))
    return _with_spaces(lines)


def _continues(group: Sequence[Word], word: Word) -> bool:
    last = group[-1]
    return _adjoins(last, word, WORD_SPACE) or (
        len(group) == len(last.glyphs) == 1
        and last.glyphs[0][0] in SYMBOLS
        and word.y0 < (last.y0 + last.y1) / 2 < word.y1
        and 0 <= word.x0 - last.x1 < word.height
    )


def _adjoins(left: Word, right: Word, gap: float) -> bool:
    """Return whether a word continues the line of the word on its left."""
    lower = min(left.height, right.height)
    overlap = min(left.y1, right.y1) - max(left.y0, right.y0)
    higher = max(left.height, right.height)
    return (
        overlap > 0.5 * lower
        and higher < 2.2 * lower
        and -0.6 * lower < right.x0 - left.x1 < gap * lower
    )


def rows_of(lines: Sequence[Line]) -> list[list[Line]]:
    """Group lines that have the same baseline, from top to bottom."""
    rows = list[list[Line]]()
    for line in sorted(lines, key=lambda line: line.base):
        last = rows[-1][0] if rows else None
        if last and line.base - last.base < SAME_BASE * min(line.size, last.size):
            rows[-1].append(line)
        else:
            rows.append([line])
    for row in rows:
        row.sort(key=lambda line: line.x0)
    return rows


def _with_spaces(lines: Sequence[Line]) -> list[Line]:
    """Join lines side by side whose gap is a wide space and not between two columns."""
    rows = rows_of(lines)
    result = list[Line]()
    for index, row in enumerate(rows):
        joined = row[:1]
        around = rows[max(0, index - ROWS_COMPARED) : index + ROWS_COMPARED + 1]
        others = [other for other in around if other is not row]
        starts = _column_starts(row, others)
        for line in row[1:]:
            left = joined[-1]
            if _follows_bullet(left, line) or (
                _are_one_size(left, line)
                and _adjoins(*_facing_words(left, line), WIDE_SPACE)
                and not _is_column(left, line, row, others, starts)
            ):
                joined[-1] = Line.of(left.words + line.words)
            else:
                joined.append(line)
        result += joined
    return sorted(result, key=lambda line: (line.y0, line.x0))


def _are_one_size(left: Line, right: Line) -> bool:
    return max(left.size, right.size) < MAX_SIZES * min(left.size, right.size)


def _facing_words(left: Line, right: Line) -> tuple[Word, Word]:
    """Return the words at both sides of a gap; those of a line may run to the left."""
    return (
        max(left.words, key=lambda word: word.x1),
        min(right.words, key=lambda word: word.x0),
    )


def _follows_bullet(left: Line, right: Line) -> bool:
    """Return whether a line is the text after a bullet, which may be much smaller."""
    space = WIDE_SPACE if left.text in "-*\u2013" else BULLET_SPACE
    return bool(BULLET.fullmatch(left.text)) and (
        left.y0 >= right.y0 - right.size
        and left.y1 <= right.y1 + right.size
        and right.x0 - left.x1 < space * left.size
    )


def _is_column(
    left: Line,
    right: Line,
    row_lines: Sequence[Line],
    rows: Sequence[Sequence[Line]],
    starts: Counter[int],
) -> bool:
    """Return whether the gap between two lines of a row goes on in the rows around it."""
    height = min(left.size, right.size)
    gap, middle = right.x0 - left.x1, (left.x1 + right.x0) / 2
    is_narrow = gap < COLUMN_GAP * height
    if is_narrow and _is_justified(gap, row_lines):
        return False
    if starts[round(right.x0)] >= (4 if is_narrow else 2):
        return True
    open_rows = covered_rows = 0
    for row in rows:
        distance = max(row[0].y0 - left.y1, left.y0 - row[0].y1)
        if distance > ROWS_COMPARED * 1.5 * height:
            continue
        if any(line.x0 < middle < line.x1 for line in row):
            covered_rows += 1
        elif row[0].x1 <= right.x0 and row[-1].x0 >= left.x1 and len(row) > 1:
            open_rows += 1
    if is_narrow:
        return open_rows >= ROWS_COMPARED and not covered_rows
    return open_rows > covered_rows or (gap > 1.5 * height and not covered_rows)


def _is_justified(gap: float, row: Sequence[Line]) -> bool:
    """Return whether other gaps of a row have the same width, as in justified text."""
    gaps = [right.x0 - left.x1 for left, right in itertools.pairwise(row)]
    return sum(abs(other - gap) < EQUAL_GAP * gap for other in gaps) >= MIN_COMMON


def _column_starts(
    row: Sequence[Line], others: Iterable[Sequence[Line]]
) -> Counter[int]:
    """Return in how many other rows a line begins at a position.

    A row that has several beginnings in common with this one, as below the head of a
    table, counts twice.
    """
    starts = Counter[int]()
    for other in others:
        weight = 2 if common_columns(row, other) >= MIN_COMMON else 1
        starts.update(dict.fromkeys(_starts(other), weight))
    return starts


def common_columns(first: Sequence[Line], second: Sequence[Line]) -> int:
    """Return how many lines of a row, except its first, begin where others do."""
    starts = _starts(second)
    return sum(round(line.x0) in starts for line in first[1:])


def _starts(row: Sequence[Line]) -> set[int]:
    """Return the positions where lines of a row begin, and the adjacent positions."""
    return {round(line.x0) + step for line in row[1:] for step in (-1, 0, 1)}


def begin_together(first: Line, second: Line) -> bool:
    return abs(first.x0 - second.x0) < SAME_START


def _most(values: Iterable[tuple[float, int]]) -> float:
    """Return the value of most characters, from pairs (value, number of characters)."""
    counts = defaultdict[float, int](int)
    for value, count in values:
        counts[round(value, 1)] += count
    return max(counts, key=lambda value: (counts[value], value))


def _text(words: list[Word]) -> str:
    """Join words from left to right, or in the order of a right-to-left line."""
    if sum(word.right_to_left for word in words) * 2 > len(words):
        words[:] = _right_to_left(words)
    parts = list[str]()
    previous: Word | None = None
    for word in words:
        if previous and _is_spaced(previous, word):
            parts.append(" ")
        parts.append(word.text)
        previous = word
    text = "".join(parts).replace("\ufffd", "")
    return unicodedata.normalize("NFC", text)


def _is_spaced(first: Word, second: Word) -> bool:
    gap = max(second.x0 - first.x1, first.x0 - second.x1)
    return second.spaced or gap > SPACE * min(first.height, second.height)


def _right_to_left(words: list[Word]) -> list[Word]:
    """Return words from right to left; numbers and Latin words keep their order."""
    result, run = list[Word](), list[Word]()
    for word in sorted(words, key=lambda word: -word.x1):
        if any(unicodedata.bidirectional(t[0]) in {"L", "EN"} for t, _ in word.glyphs):
            run.insert(0, word)
            continue
        result += [*run, word]
        run = []
    return result + run
