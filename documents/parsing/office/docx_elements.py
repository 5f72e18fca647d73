"""Elements of Word files: rows and cells, alternatives, notes, and page breaks."""

from __future__ import annotations

from collections.abc import Iterator

from documents.parsing.office.package import Element, attribute, local


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
