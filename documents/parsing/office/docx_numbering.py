"""The displayed numbers and bullets of lists in Word files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from documents.parsing.office.package import Element, attribute

BULLET = "-"
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc")),
    *((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a list; `text` contains `%1` for the number of the first level."""

    number_format: str
    text: str
    start: int


@dataclass(slots=True)
class Numbering:
    """The lists of a document; `label` counts their items in order."""

    levels: dict[tuple[str, int], Level] = field(default_factory=dict)
    """By number id and level (from 0)."""
    abstract: dict[str, str] = field(default_factory=dict)
    counters: dict[tuple[str, int], int] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Element | None) -> Numbering:
        """Return the lists that `word/numbering.xml` defines."""
        numbering = cls()
        if root is None:
            return numbering
        abstract = {
            attribute(a, "abstractNumId"): a
            for a in root.iterchildren("{*}abstractNum")
        }
        for number in root.iterchildren("{*}num"):
            number_id = attribute(number, "numId")
            reference = number.find("{*}abstractNumId")
            target = "" if reference is None else attribute(reference, "val")
            numbering.abstract[number_id] = target
            if target in abstract:
                numbering._add(number_id, abstract[target].iterchildren("{*}lvl"))
            for override in number.iterchildren("{*}lvlOverride"):
                numbering._override(number_id, override)
        return numbering

    def _add(self, number_id: str, levels: object) -> None:
        for level in levels:  # type: ignore[attr-defined]
            self.levels[number_id, int(attribute(level, "ilvl", "0"))] = Level(
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
                self.levels[key] = Level(
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


def _value(element: Element, name: str, default: str) -> str:
    child = element.find(f"{{*}}{name}")
    return default if child is None else attribute(child, "val", default)
