"""Word files: their rows, cells, notes and page breaks, and their paragraph styles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from documents.parsing.office.numbering import WordLists
from documents.parsing.office.package import Element, attribute, local

_HEADING_STYLE = re.compile(
    r"(?:heading|überschrift|titre|título|標題|标题)\s*([1-9])", re.IGNORECASE
)
_CODE_STYLE = re.compile(r"code|preformatted|verbatim|listing|html pre", re.IGNORECASE)


def rows(table: Element) -> Iterator[Element]:
    """Yield the rows of a table, without deleted ones."""
    for child in table.iterchildren("*"):
        if local(child) == "tr":
            if child.find("{*}trPr/{*}del") is None:
                yield child
        elif local(child) in {"sdt", "sdtContent", "customXml", "ins"}:
            yield from rows(child)


def cells(row: Element) -> Iterator[Element]:
    """Yield the cells of a row."""
    for child in row.iterchildren("*"):
        if local(child) == "tc":
            yield child
        elif local(child) in {"sdt", "sdtContent", "customXml"}:
            yield from cells(child)


def skip_columns(row: Element, texts: list[str]) -> None:
    """Append a blank for each column before the first cell of a row."""
    before = row.find("{*}trPr/{*}gridBefore")
    if before is not None:
        texts += [""] * min(int(attribute(before, "val", "0") or 0), 64)


def choice(alternatives: Element) -> Element:
    """Return the variant of an `mc:AlternateContent` that contains readable content."""
    for child in alternatives.iterchildren("*"):
        if (
            next(
                child.iter(
                    "{*}txbxContent",
                    "{*}blip",
                    "{*}chart",
                    "{*}relIds",
                    "{*}t",
                    "{*}imagedata",
                ),
                None,
            )
            is not None
        ):
            return child
    return alternatives[-1] if len(alternatives) else alternatives


def is_nested(content: Element, top: Element) -> bool:
    """Return whether a text box is inside another one, or in an unused alternative."""
    parent = content.getparent()
    while parent is not None and parent is not top:
        if local(parent) == "txbxContent":
            return True
        if local(parent) == "Fallback":
            return choice(parent.getparent()) is not parent
        parent = parent.getparent()
    return False


def begins_with_break(paragraph: Element) -> bool:
    """Return whether a page break precedes the first text of a paragraph."""
    for item in paragraph.iter("{*}t", "{*}lastRenderedPageBreak", "{*}br"):
        if local(item) == "t" and (item.text or "").strip():
            return False
        if local(item) == "lastRenderedPageBreak" or attribute(item, "type") == "page":
            return True
    return False


def by_id(root: Element | None) -> dict[str, Element]:
    """Return notes by id, without the separators that Word stores among them."""
    if root is None:
        return {}
    return {
        attribute(note, "id"): note
        for note in root.iterchildren("*")
        if "eparator" not in attribute(note, "type")
    }


@dataclass(slots=True)
class Style:
    """The properties that a paragraph style gives its paragraphs."""

    level: int = 0
    """Of a heading; 0 for other paragraphs."""
    number: tuple[str, int] | None = None
    code: bool = False


class Styles:
    """The paragraph styles of a document, and the numbers of its lists."""

    def __init__(self, styles: Element | None, numbering: Element | None) -> None:
        self.styles = _by_style_id(styles)
        self.lists = WordLists.of(numbering)

    def of(self, paragraph: Element) -> Style:
        """Return the style of a paragraph, with its own outline level."""
        properties = paragraph.find("{*}pPr")
        if properties is None:
            return self.styles.get("", Style())
        reference = properties.find("{*}pStyle")
        style_id = "" if reference is None else attribute(reference, "val")
        style = self.styles.get(style_id, Style())
        outline = properties.find("{*}outlineLvl")
        if outline is not None and attribute(outline, "val", "9") in "012345678":
            return Style(int(attribute(outline, "val")) + 1, style.number, style.code)
        return style

    def label(self, paragraph: Element, style: Style) -> tuple[str, int] | None:
        """Return the displayed number or bullet of a paragraph, and its level."""
        number = _number_of(paragraph.find("{*}pPr")) or style.number
        if number is None or number[0] == "0":
            return None
        if not "".join(paragraph.itertext("{*}t")).strip():
            return None
        label = self.lists.label(*number)
        return (label, number[1]) if label else None


def _number_of(properties: Element | None) -> tuple[str, int] | None:
    number = None if properties is None else properties.find("{*}numPr")
    if number is None:
        return None
    number_id, level = number.find("{*}numId"), number.find("{*}ilvl")
    if number_id is None:
        return None
    depth = 0 if level is None else int(attribute(level, "val", "0") or 0)
    return attribute(number_id, "val"), depth


def _by_style_id(root: Element | None) -> dict[str, Style]:
    """Return the paragraph styles by id, with what they inherit; "" is the default one."""
    if root is None:
        return {}
    elements = {
        attribute(style, "styleId"): style
        for style in root.iterchildren("{*}style")
        if attribute(style, "type", "paragraph") == "paragraph"
    }
    styles = {style_id: _resolved(style_id, elements, 0) for style_id in elements}
    for style_id, element in elements.items():
        if attribute(element, "default") in {"1", "true"}:
            styles[""] = styles[style_id]
    return styles


def _resolved(style_id: str, elements: dict[str, Element], depth: int) -> Style:
    element = elements.get(style_id)
    if element is None or depth > 20:
        return Style()
    based_on = element.find("{*}basedOn")
    parent = "" if based_on is None else attribute(based_on, "val")
    style = _resolved(parent, elements, depth + 1) if parent else Style()
    name_element = element.find("{*}name")
    name = "" if name_element is None else attribute(name_element, "val")
    heading = _HEADING_STYLE.fullmatch(name.strip())
    if heading:
        style.level = int(heading[1])
    elif name.strip().lower() == "title":
        style.level = 1
    elif (outline := element.find("{*}pPr/{*}outlineLvl")) is not None:
        level = int(attribute(outline, "val", "9") or 9)
        style.level = level + 1 if level < 9 else 0
    style.number = _number_of(element.find("{*}pPr")) or style.number
    style.code = style.code or bool(_CODE_STYLE.search(name))
    return style
