"""Numbers of headings and list items in OpenDocument files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from documents.parsing.office.docx_numbering import number_text
from documents.parsing.office.package import Element, attribute, local


@dataclass(slots=True)
class ListLevel:
    """How the items of a level are numbered; without `format` they have bullets."""

    format: str
    prefix: str
    suffix: str
    start: int
    levels: int


class Numbering:
    """The list styles of a document, and the last number of each open list."""

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


def _outline(styles: Element | None) -> dict[int, ListLevel]:
    style = None if styles is None else next(styles.iter("{*}outline-style"), None)
    return {} if style is None else _levels(style)


def _list_styles(roots: Iterable[Element | None]) -> dict[str, dict[int, ListLevel]]:
    return {
        attribute(style, "name"): _levels(style)
        for root in roots
        if root is not None
        for style in root.iter("{*}list-style")
    }


def _levels(style: Element) -> dict[int, ListLevel]:
    return {
        integer(level, "level"): ListLevel(
            attribute(level, "num-format"),
            attribute(level, "num-prefix"),
            attribute(level, "num-suffix"),
            integer(level, "start-value"),
            integer(level, "display-levels"),
        )
        for level in style.iterchildren("*")
        if local(level) in {"list-level-style-number", "outline-level-style"}
    }


def _label(levels: dict[int, ListLevel], counts: dict[int, int], level: int) -> str:
    definition = levels[level]
    shown = range(max(1, level - definition.levels + 1), level + 1)
    numbers = [
        number_text(counts.get(key, 1), levels[key].format)
        for key in shown
        if key in levels and levels[key].format
    ]
    return f"{definition.prefix}{'.'.join(numbers)}{definition.suffix}".strip()
