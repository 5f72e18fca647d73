"""Texts of OpenDocument files: paragraphs, lists, tables, notes, frames and objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from documents.parsing.office import drawings
from documents.parsing.office.numbering import OdfLists, integer
from documents.parsing.office.package import Element, Package, attribute, local
from documents.parsing.parsed_document import Block, Kind

MAX_REPEATED = 100
"""Upper bound on the repetitions of a cell or row that has a text."""
_CONTAINERS = frozenset(
    {
        *("section", "index-body", "index-title", "table-of-content", "user-index"),
        *("alphabetical-index", "illustration-index", "bibliography", "table-index"),
        *("text-box", "g", "a", "numbered-paragraph", "custom-shape", "object-index"),
        *(
            "rect",
            "ellipse",
            "polygon",
            "polyline",
            "path",
            "circle",
            "connector",
            "line",
        ),
    }
)
_PLACEHOLDER = "<number>"
"""The text of a page number on a master page."""
_SKIPPED = frozenset(
    {"tracked-changes", "ruby-text", "annotation-end", "title", "desc"}
)


@dataclass(slots=True)
class Text:
    """The text of a paragraph, and the blocks that belong after it."""

    parts: list[str] = field(default_factory=list)
    after: list[Block] = field(default_factory=list)

    def __str__(self) -> str:
        return "".join(self.parts).strip()


class Content:
    """The texts of a file, or of an object inside it, whose parts are in `folder`.

    A subclass defines what an embedded object contains.
    """

    def __init__(self, package: Package, folder: str = "") -> None:
        self.package = package
        self.folder = folder
        self.root = package.required_xml(f"{folder}content.xml")
        self.styles = package.xml(f"{folder}styles.xml")
        self.lists = OdfLists(self.root, self.styles)

    def embedded_blocks(self, folder: str) -> Iterator[Block]:
        """Yield the blocks of the object in a folder."""
        raise NotImplementedError

    def of_container(self, container: Element) -> Iterator[Block]:
        """Yield the blocks of the children of an element."""
        for child in container.iterchildren("*"):
            yield from self.of(child, local(child))

    def of(self, child: Element, tag: str) -> Iterator[Block]:
        """Yield the blocks of an element; nothing for an unknown one."""
        match tag:
            case "p" | "h":
                yield from self._paragraph(child)
            case "list":
                yield from self._list(child, attribute(child, "style-name"), 1)
            case "table":
                yield from self.table(child)
            case "frame":
                yield from self._frame(child)
            case "annotation":
                yield from self._annotation(child)
            case _ if tag in _CONTAINERS:
                yield from self.of_container(child)

    def _paragraph(self, paragraph: Element) -> Iterator[Block]:
        text = self.text(paragraph)
        words = str(text)
        if words and local(paragraph) == "h":
            level = integer(paragraph, "outline-level")
            number = self.lists.heading(level)
            yield Block(Kind.HEADING, f"{number} {words}".strip(), level=level)
        elif words:
            style = attribute(paragraph, "style-name").replace("_20_", " ")
            is_code = "preformatted" in style.lower()
            yield Block(Kind.CODE if is_code else Kind.PARAGRAPH, words)
        yield from text.after

    def _list(self, element: Element, style: str, level: int) -> Iterator[Block]:
        counts = self.lists.begin_list(element, style, level)
        for item in element.iterchildren("*"):
            tag = local(item)
            if tag == "list-item" and (start := attribute(item, "start-value")):
                counts[level] = int(start) - 1
            yield from self._item(
                item, style, level, counts, labelled=tag == "list-item"
            )

    def _item(
        self,
        item: Element,
        style: str,
        level: int,
        counts: dict[int, int],
        *,
        labelled: bool,
    ) -> Iterator[Block]:
        for child in item.iterchildren("*"):
            tag = local(child)
            if tag == "list":
                inner = attribute(child, "style-name") or style
                yield from self._list(child, inner, level + 1)
            elif tag in {"p", "h"} and labelled:
                for block in self._paragraph(child):
                    if block.kind is Kind.PARAGRAPH:
                        label = self.lists.item(style, counts, level)
                        yield replace(
                            block,
                            kind=Kind.LIST,
                            text=f"{label}{block.text}",
                            level=level,
                        )
                    else:
                        yield block
                labelled = False
            else:
                yield from self.of(child, tag)

    def text(self, paragraph: Element) -> Text:
        """Return the text of a paragraph."""
        text = Text()
        self._collect(paragraph, text)
        return text

    def _collect(self, element: Element, text: Text) -> None:
        text.parts.append(_collapsed(element.text))
        for child in element.iterchildren("*"):
            self._collect_one(child, local(child), text)
            text.parts.append(_collapsed(child.tail))

    def _collect_one(self, child: Element, tag: str, text: Text) -> None:
        match tag:
            case "s":
                text.parts.append(" " * min(integer(child, "c"), 100))
            case "tab":
                text.parts.append("\t")
            case "line-break":
                text.parts.append("\n")
            case "note":
                text.after += self._note(child)
            case "annotation":
                text.after += self._annotation(child)
            case (
                "frame" | "custom-shape" | "g" | "rect" | "list" | "table" | "text-box"
            ):
                text.after += self.of(child, tag)
            case _ if tag not in _SKIPPED and child.text != _PLACEHOLDER:
                self._collect(child, text)

    def _note(self, note: Element) -> Iterator[Block]:
        label = "Endnote" if attribute(note, "note-class") == "endnote" else "Footnote"
        body = note.find("{*}note-body")
        if body is not None and (words := self.flat(body)):
            yield Block(Kind.NOTE, f"{label}: {words}")

    def _annotation(self, annotation: Element) -> Iterator[Block]:
        author = annotation.findtext("{*}creator") or ""
        by = f" by {author}" if author else ""
        if words := self.flat(annotation):
            yield Block(Kind.NOTE, f"Comment{by}: {words}")

    def flat(self, container: Element) -> str:
        """Return the paragraphs of an element as lines."""
        texts = [str(self.text(item)) for item in container.iter("{*}p", "{*}h")]
        return "\n".join(filter(None, texts))

    def _frame(self, frame: Element) -> Iterator[Block]:
        caption = frame.findtext("{*}desc") or frame.findtext("{*}title") or ""
        embedded = frame.find("{*}object")
        if embedded is not None:
            yield from self._object(embedded)
            return
        for child in frame.iterchildren("*"):
            tag = local(child)
            if tag == "image":
                part = f"{self.folder}{attribute(child, 'href').removeprefix('./')}"
                yield from drawings.picture(self.package, part, caption)
                return
            yield from self.of(child, tag)

    def _object(self, element: Element) -> Iterator[Block]:
        """Yield the text of an embedded chart, sheet or formula."""
        formula = element.find(".//{*}annotation")
        folder = f"{self.folder}{attribute(element, 'href').removeprefix('./')}/"
        if not self.package.has(f"{folder}content.xml"):
            return
        inner = self.package.xml(f"{folder}content.xml")
        formula = None if inner is None else next(inner.iter("{*}annotation"), None)
        if inner is not None and local(inner) == "math":
            text = "".join(inner.itertext()) if formula is None else formula.text or ""
            yield Block(Kind.FORMULA, text)
        elif inner is not None:
            yield from self.embedded_blocks(folder)

    def table(self, table: Element) -> Iterator[Block]:
        """Yield a table; the blocks of its cells if it only arranges them."""
        after = list[Block]()
        rows, headers = list[tuple[str, ...]](), 0
        elements = list(rows_of(table))
        if len(elements) == 1 or all(len(list(cells_of(row))) == 1 for row in elements):
            for row in elements:
                for cell in cells_of(row):
                    yield from self.of_container(cell)
            return
        for row in elements:
            texts = list[str]()
            for cell in cells_of(row):
                repeated = min(integer(cell, "number-columns-repeated"), MAX_REPEATED)
                texts += [self.cell(cell, after)] * repeated
            if any(texts):
                rows.append(tuple(texts))
                parent = row.getparent()
                headers += parent is not None and local(parent) == "table-header-rows"
        yield Block(Kind.TABLE, rows=tuple(rows), header_rows=headers or 1)
        yield from after

    def cell(self, cell: Element, after: list[Block]) -> str:
        """Return the text of a cell; add its images and notes to `after`."""
        parts = list[str]()
        if local(cell) != "covered-table-cell":
            for block in self.of_container(cell):
                if block.image or block.kind is Kind.NOTE:
                    after.append(block)
                else:
                    flat = "; ".join(", ".join(row) for row in block.rows)
                    parts.append(flat or block.text)
        return "\n".join(filter(None, parts))


def _collapsed(text: str | None) -> str:
    """Return a text with its runs of whitespace as one space, as OpenDocument counts."""
    if not text:
        return ""
    words = " ".join(text.split())
    if not words:
        return " "
    return f"{' ' * text[0].isspace()}{words}{' ' * text[-1].isspace()}"


def rows_of(table: Element) -> Iterator[Element]:
    """Yield the rows of a table, including those in row groups."""
    for child in table.iterchildren("*"):
        if local(child) == "table-row":
            yield child
        elif local(child) in {"table-header-rows", "table-rows", "table-row-group"}:
            yield from rows_of(child)


def cells_of(row: Element) -> Iterator[Element]:
    """Yield the cells of a row, also those that a merged cell covers."""
    yield from row.iterchildren("{*}table-cell", "{*}covered-table-cell")
