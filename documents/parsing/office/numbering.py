"""The displayed numbers and bullets of lists in Word and OpenDocument files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from documents.parsing.office.package import Element, attribute, local

BULLET = "-"
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc")),
    *((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)


@dataclass(frozen=True, slots=True)
class WordLevel:
    """A level of a list of Word; `text` contains `%1` for the number of the first level."""

    number_format: str
    text: str
    start: int


@dataclass(slots=True)
class WordLists:
    """The lists of a Word file; `label` counts their items in order."""

    levels: dict[tuple[str, int], WordLevel] = field(default_factory=dict)
    """By number id and level (from 0)."""
    abstract: dict[str, str] = field(default_factory=dict)
    counters: dict[tuple[str, int], int] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Element | None) -> WordLists:
        """Return the lists that `word/numbering.xml` defines."""
        lists = cls()
        if root is None:
            return lists
        abstract = {
            attribute(a, "abstractNumId"): a
            for a in root.iterchildren("{*}abstractNum")
        }
        for number in root.iterchildren("{*}num"):
            number_id = attribute(number, "numId")
            reference = number.find("{*}abstractNumId")
            target = "" if reference is None else attribute(reference, "val")
            lists.abstract[number_id] = target
            if target in abstract:
                lists._add(number_id, abstract[target].iterchildren("{*}lvl"))
            for override in number.iterchildren("{*}lvlOverride"):
                lists._override(number_id, override)
        return lists

    def _add(self, number_id: str, levels: object) -> None:
        for level in levels:  # type: ignore[attr-defined]
            self.levels[number_id, int(attribute(level, "ilvl", "0"))] = WordLevel(
                _value(level, "numFmt", "decimal"),
                _value(level, "lvlText", ""),
                int(_value(level, "start", "1") or 1),
            )

    def _override(self, number_id: str, override: Element) -> None:
        self._add(number_id, override.iterchildren("{*}lvl"))
        start = override.find("{*}startOverride")
        if start is not None:
            key = (number_id, int(attribute(override, "ilvl", "0")))
            self.abstract[number_id] = f"{self.abstract[number_id]}/{number_id}"
            if key in self.levels:
                old = self.levels[key]
                self.levels[key] = WordLevel(
                    old.number_format, old.text, int(attribute(start, "val", "1"))
                )

    def label(self, number_id: str, level: int) -> str | None:
        """Return the number or bullet of the next item; None if it has none."""
        definition = self.levels.get((number_id, level))
        if definition is None or definition.number_format == "none":
            return None
        if definition.number_format == "bullet":
            return BULLET
        group = self.abstract[number_id]
        key = (group, level)
        self.counters[key] = self.counters.get(key, definition.start - 1) + 1
        for deeper in [k for k in self.counters if k[0] == group and k[1] > level]:
            del self.counters[deeper]
        return (
            re.sub(
                r"%(\d)",
                lambda match: self._number(number_id, int(match[1]) - 1),
                definition.text,
            ).strip()
            or None
        )

    def _number(self, number_id: str, level: int) -> str:
        definition = self.levels.get((number_id, level))
        if definition is None:
            return ""
        group = self.abstract[number_id]
        return number_text(
            self.counters.get((group, level), definition.start),
            definition.number_format,
        )


def _value(element: Element, name: str, default: str) -> str:
    child = element.find(f"{{*}}{name}")
    return default if child is None else attribute(child, "val", default)


@dataclass(slots=True)
class OdfLevel:
    """How OpenDocument numbers the items of a level; without `format` they have bullets."""

    format: str
    prefix: str
    suffix: str
    start: int
    levels: int


class OdfLists:
    """The list styles of an OpenDocument file, and the last number of each open list."""

    def __init__(self, root: Element, styles: Element | None) -> None:
        self.styles = _list_styles([root, styles])
        self.outline = _outline(styles)
        self.headings = dict[int, int]()
        self.lists = dict[str, dict[int, int]]()

    def heading(self, level: int) -> str:
        """Return the number of the next heading of a level; empty if it has none."""
        definition = self.outline.get(level)
        if definition is None or not definition.format:
            return ""
        self.headings = {key: n for key, n in self.headings.items() if key <= level}
        self.headings[level] = self.headings.get(level, definition.start - 1) + 1
        return _label(self.outline, self.headings, level)

    def begin_list(self, element: Element, style: str, level: int) -> dict[int, int]:
        """Return the counters of a list, which may continue an earlier one."""
        counts = self.lists.setdefault(style, {})
        continues = (
            attribute(element, "continue-numbering") == "true"
            or attribute(element, "continue-list") != ""
        )
        if not continues:
            for key in [key for key in counts if key >= level]:
                del counts[key]
        return counts

    def item(self, style: str, counts: dict[int, int], level: int) -> str:
        """Return the number or bullet of the next item, with a space."""
        levels = self.styles.get(style, {})
        definition = levels.get(level)
        if definition is None or not definition.format:
            return "- "
        counts[level] = counts.get(level, definition.start - 1) + 1
        return f"{_label(levels, counts, level)} "


def integer(element: Element, name: str) -> int:
    """Return the number in an attribute; 1 if it is missing or no number."""
    value = attribute(element, name)
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 1


def _outline(styles: Element | None) -> dict[int, OdfLevel]:
    style = None if styles is None else next(styles.iter("{*}outline-style"), None)
    return {} if style is None else _levels(style)


def _list_styles(roots: Iterable[Element | None]) -> dict[str, dict[int, OdfLevel]]:
    return {
        attribute(style, "name"): _levels(style)
        for root in roots
        if root is not None
        for style in root.iter("{*}list-style")
    }


def _levels(style: Element) -> dict[int, OdfLevel]:
    return {
        integer(level, "level"): OdfLevel(
            attribute(level, "num-format"),
            attribute(level, "num-prefix"),
            attribute(level, "num-suffix"),
            integer(level, "start-value"),
            integer(level, "display-levels"),
        )
        for level in style.iterchildren("*")
        if local(level) in {"list-level-style-number", "outline-level-style"}
    }


def _label(levels: dict[int, OdfLevel], counts: dict[int, int], level: int) -> str:
    definition = levels[level]
    shown = range(max(1, level - definition.levels + 1), level + 1)
    numbers = [
        number_text(counts.get(key, 1), levels[key].format)
        for key in shown
        if key in levels and levels[key].format
    ]
    return f"{definition.prefix}{'.'.join(numbers)}{definition.suffix}".strip()


def number_text(number: int, number_format: str) -> str:
    """Return a number in a number format of Word or OpenDocument."""
    match number_format:
        case "lowerLetter" | "a":
            return _letters(number)
        case "upperLetter" | "A":
            return _letters(number).upper()
        case "lowerRoman" | "i":
            return roman(number)
        case "upperRoman" | "I":
            return roman(number).upper()
        case "decimalZero":
            return f"{number:02d}"
        case _:
            return str(number)


def _letters(number: int) -> str:
    """Return a, b, ..., z, aa, bb, ... as Word counts."""
    if number < 1:
        return ""
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def roman(number: int) -> str:
    """Return a number in lower-case Roman numerals; as digits above 3999."""
    if not 0 < number < 4000:
        return str(number)
    parts = ""
    for value, letters in _ROMAN:
        parts += letters * (number // value)
        number %= value
    return parts
