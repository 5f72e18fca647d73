"""OpenDocument files (ODT, ODS, ODP): texts, sheets and slides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from documents.errors import EncryptedFile
from documents.parsing import block_text
from documents.parsing.office import drawings, sheet_tables
from documents.parsing.office.docx_numbering import number_text
from documents.parsing.office.package import Element, Package, attribute, local
from documents.parsing.office.sheet_tables import Cells
from documents.parsing.parsed_document import Block, Kind, ParsedDocument

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


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the text of a file. Raises BrokenFile, or EncryptedFile. No password is tried."""
    package = Package(path, name)
    manifest = package.xml("META-INF/manifest.xml")
    if (
        manifest is not None
        and next(manifest.iter("{*}encryption-data"), None) is not None
    ):
        raise EncryptedFile(f"'{name}' is encrypted. Upload it without a password.")
    document = _Document(package)
    blocks = list(document.blocks())
    return block_text.compose(blocks, engine="odf", warnings=document.warnings)


@dataclass(slots=True)
class _ListLevel:
    format: str
    prefix: str
    suffix: str
    start: int
    levels: int


@dataclass(slots=True)
class _Text:
    """The text of a paragraph, and the blocks that belong after it."""

    parts: list[str] = field(default_factory=list)
    after: list[Block] = field(default_factory=list)

    def __str__(self) -> str:
        return "".join(self.parts).strip()


class _Document:
    def __init__(self, package: Package, folder: str = "") -> None:
        self.package = package
        self.folder = folder
        self.root = package.required_xml(f"{folder}content.xml")
        self.styles = package.xml(f"{folder}styles.xml")
        self.list_styles = _list_styles([self.root, self.styles])
        self.outline = self._outline()
        self.counters = dict[int, int]()
        self.list_counts = dict[str, dict[int, int]]()
        self.margins = set[str]()
        self.warnings = list[str]()

    def _outline(self) -> dict[int, _ListLevel]:
        if self.styles is None:
            return {}
        found = next(self.styles.iter("{*}outline-style"), None)
        return {} if found is None else _levels(found)

    def blocks(self) -> Iterator[Block]:
        body = self.root.find("{*}body")
        content = None if body is None else next(body.iterchildren("*"), None)
        if content is None:
            return
        yield from self._margins("header")
        match local(content):
            case "spreadsheet":
                yield from self._sheets(content)
            case "presentation" | "drawing":
                yield from self._slides(content)
            case "chart":
                yield from self._of_container(content)
            case _:
                yield from self._of_container(content)
        yield from self._margins("footer")

    def _margins(self, kind: str) -> Iterator[Block]:
        """Yield each text of the page headers or footers once."""
        masters = [] if self.styles is None else self.styles.iter("{*}master-page")
        for master in masters:
            for element in master.iterchildren(
                f"{{*}}{kind}", f"{{*}}{kind}-left", f"{{*}}{kind}-first"
            ):
                if attribute(element, "display") == "false":
                    continue
                texts = [str(self._text(p)) for p in element.iter("{*}p", "{*}h")]
                text = "\n".join(filter(None, texts))
                if text and text not in self.margins and text != "???":
                    self.margins.add(text)
                    yield Block(Kind.MARGIN, text)

    def _of_container(self, container: Element) -> Iterator[Block]:
        for child in container.iterchildren("*"):
            yield from self._of(child, local(child))

    def _of(self, child: Element, tag: str) -> Iterator[Block]:
        match tag:
            case "p" | "h":
                yield from self._paragraph(child)
            case "list":
                yield from self._list(child, attribute(child, "style-name"), 1)
            case "table":
                yield from self._table(child)
            case "frame":
                yield from self._frame(child)
            case "annotation":
                yield from self._annotation(child)
            case _ if tag in _CONTAINERS:
                yield from self._of_container(child)

    def _paragraph(self, paragraph: Element) -> Iterator[Block]:
        text = self._text(paragraph)
        words = str(text)
        if words and local(paragraph) == "h":
            level = _number(paragraph, "outline-level")
            number = self._outline_number(level)
            yield Block(Kind.HEADING, f"{number} {words}".strip(), level=level)
        elif words:
            style = attribute(paragraph, "style-name").replace("_20_", " ")
            is_code = "preformatted" in style.lower()
            yield Block(Kind.CODE if is_code else Kind.PARAGRAPH, words)
        yield from text.after

    def _outline_number(self, level: int) -> str:
        definition = self.outline.get(level)
        if definition is None or not definition.format:
            return ""
        self.counters = {key: n for key, n in self.counters.items() if key <= level}
        self.counters[level] = self.counters.get(level, definition.start - 1) + 1
        return _label(self.outline, self.counters, level)

    def _list(self, element: Element, style: str, level: int) -> Iterator[Block]:
        levels = self.list_styles.get(style, {})
        counts = self._counts(element, style, level)
        for item in element.iterchildren("*"):
            tag = local(item)
            if tag == "list-item" and (start := attribute(item, "start-value")):
                counts[level] = int(start) - 1
            yield from self._item(
                item, style, level, levels, counts, labelled=tag == "list-item"
            )

    def _counts(self, element: Element, style: str, level: int) -> dict[int, int]:
        """Return the counters of a list, which may continue an earlier one."""
        counts = self.list_counts.setdefault(style, {})
        continues = (
            attribute(element, "continue-numbering") == "true"
            or attribute(element, "continue-list") != ""
        )
        if not continues:
            for key in [key for key in counts if key >= level]:
                del counts[key]
        return counts

    def _item(
        self,
        item: Element,
        style: str,
        level: int,
        levels: dict[int, _ListLevel],
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
                        label = self._item_label(levels, counts, level)
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
                yield from self._of(child, tag)

    def _item_label(
        self, levels: dict[int, _ListLevel], counts: dict[int, int], level: int
    ) -> str:
        definition = levels.get(level)
        if definition is None or not definition.format:
            return "- "
        counts[level] = counts.get(level, definition.start - 1) + 1
        return f"{_label(levels, counts, level)} "

    def _text(self, paragraph: Element) -> _Text:
        text = _Text()
        self._collect(paragraph, text)
        return text

    def _collect(self, element: Element, text: _Text) -> None:
        text.parts.append(_collapsed(element.text))
        for child in element.iterchildren("*"):
            self._collect_one(child, local(child), text)
            text.parts.append(_collapsed(child.tail))

    def _collect_one(self, child: Element, tag: str, text: _Text) -> None:
        match tag:
            case "s":
                text.parts.append(" " * min(_number(child, "c"), 100))
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
                text.after += self._of(child, tag)
            case _ if tag not in _SKIPPED and child.text != _PLACEHOLDER:
                self._collect(child, text)

    def _note(self, note: Element) -> Iterator[Block]:
        label = "Endnote" if attribute(note, "note-class") == "endnote" else "Footnote"
        body = note.find("{*}note-body")
        if body is not None and (words := self._flat(body)):
            yield Block(Kind.NOTE, f"{label}: {words}")

    def _annotation(self, annotation: Element) -> Iterator[Block]:
        author = annotation.findtext("{*}creator") or ""
        by = f" by {author}" if author else ""
        if words := self._flat(annotation):
            yield Block(Kind.NOTE, f"Comment{by}: {words}")

    def _flat(self, container: Element) -> str:
        texts = [str(self._text(item)) for item in container.iter("{*}p", "{*}h")]
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
            yield from self._of(child, tag)

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
            yield from _Document(self.package, folder).content_blocks()

    def content_blocks(self) -> Iterator[Block]:
        """Yield the blocks of an embedded object; the data of a chart is a table in it."""
        chart = next(self.root.iter("{*}chart"), None)
        for tag in () if chart is None else ("title", "subtitle", "axis"):
            for element in [] if chart is None else chart.iter(f"{{*}}{tag}"):
                text = self._flat(element) if tag != "axis" else ""
                if text:
                    yield Block(Kind.PARAGRAPH, text)
        if chart is None:
            yield from self.blocks()
            return
        for table in chart.iter("{*}table"):
            yield from self._table(table)

    def _table(self, table: Element) -> Iterator[Block]:
        after = list[Block]()
        rows, headers = list[tuple[str, ...]](), 0
        elements = list(_rows(table))
        if len(elements) == 1 or all(len(list(_cells(row))) == 1 for row in elements):
            for row in elements:
                for cell in _cells(row):
                    yield from self._of_container(cell)
            return
        for row in elements:
            texts = list[str]()
            for cell in _cells(row):
                repeated = min(_number(cell, "number-columns-repeated"), MAX_REPEATED)
                texts += [self._cell(cell, after)] * repeated
            if any(texts):
                rows.append(tuple(texts))
                parent = row.getparent()
                headers += parent is not None and local(parent) == "table-header-rows"
        yield Block(Kind.TABLE, rows=tuple(rows), header_rows=headers or 1)
        yield from after

    def _cell(self, cell: Element, after: list[Block]) -> str:
        parts = list[str]()
        if local(cell) != "covered-table-cell":
            for block in self._of_container(cell):
                if block.image or block.kind is Kind.NOTE:
                    after.append(block)
                else:
                    flat = "; ".join(", ".join(row) for row in block.rows)
                    parts.append(flat or block.text)
        return "\n".join(filter(None, parts))

    def _sheets(self, spreadsheet: Element) -> Iterator[Block]:
        hidden = {
            attribute(item.getparent(), "name")
            for item in self.root.iter("{*}table-properties")
            if attribute(item, "display") == "false"
        }
        for table in spreadsheet.iterchildren("{*}table"):
            name = attribute(table, "name")
            if attribute(table, "style-name") in hidden:
                self.warnings.append(f"The hidden sheet '{name}' was not read.")
                continue
            yield Block(Kind.HEADING, name, level=2, anchor=name)
            cells, after = self._sheet_cells(table)
            yield from sheet_tables.blocks(cells, name)
            for shapes in table.iterchildren("{*}shapes"):
                after += self._of_container(shapes)
            yield from (replace(block, anchor=name) for block in after)

    def _sheet_cells(self, table: Element) -> tuple[Cells, list[Block]]:
        cells: Cells = {}
        after = list[Block]()
        number = 0
        for row in _rows(table):
            texts = self._sheet_row(row, after)
            repeated = _number(row, "number-rows-repeated")
            for offset in range(min(repeated, MAX_REPEATED) if texts else 0):
                cells[number + offset] = texts
            number += repeated
        return cells, after

    def _sheet_row(self, row: Element, after: list[Block]) -> dict[int, str]:
        texts, column = dict[int, str](), 0
        for cell in _cells(row):
            repeated = _number(cell, "number-columns-repeated")
            text = self._cell(cell, after)
            for offset in range(min(repeated, MAX_REPEATED) if text else 0):
                texts[column + offset] = text
            column += repeated
        return texts

    def _slides(self, presentation: Element) -> Iterator[Block]:
        fields = {
            local(item): item.text or ""
            for item in presentation.iterchildren(
                "{*}header-decl", "{*}footer-decl", "{*}date-time-decl"
            )
        }
        for number, page in enumerate(presentation.iterchildren("{*}page"), 1):
            for block in self._slide(page):
                yield replace(block, page=number)
        for text in fields.values():
            yield Block(Kind.MARGIN, text)

    def _slide(self, page: Element) -> Iterator[Block]:
        yield from self._master(attribute(page, "master-page-name"))
        frames = list(page.iterchildren("*"))
        titles = [item for item in frames if attribute(item, "class") == "title"]
        for frame in titles:
            yield Block(Kind.HEADING, self._flat(frame))
        for frame in frames:
            if frame in titles or local(frame) == "notes":
                continue
            yield from self._of(frame, local(frame))
        for notes in page.iterchildren("{*}notes"):
            if text := self._flat(notes):
                yield Block(Kind.NOTE, f"Notes: {text}")

    def _master(self, name: str) -> Iterable[Block]:
        """Yield the fixed texts of a master page, each master page once."""
        for master in [] if self.styles is None else self.styles.iter("{*}master-page"):
            if attribute(master, "name") != name:
                continue
            for shape in master.iterchildren("*"):
                is_placeholder = attribute(shape, "class") or local(shape) == "notes"
                text = "" if is_placeholder else self._flat(shape)
                if text and text not in self.margins:
                    self.margins.add(text)
                    yield Block(Kind.MARGIN, text)


def _collapsed(text: str | None) -> str:
    """Return a text with its runs of whitespace as one space, as OpenDocument counts."""
    if not text:
        return ""
    words = " ".join(text.split())
    if not words:
        return " "
    return f"{' ' * text[0].isspace()}{words}{' ' * text[-1].isspace()}"


def _rows(table: Element) -> Iterator[Element]:
    for child in table.iterchildren("*"):
        if local(child) == "table-row":
            yield child
        elif local(child) in {"table-header-rows", "table-rows", "table-row-group"}:
            yield from _rows(child)


def _cells(row: Element) -> Iterator[Element]:
    yield from row.iterchildren("{*}table-cell", "{*}covered-table-cell")


def _list_styles(roots: Iterable[Element | None]) -> dict[str, dict[int, _ListLevel]]:
    return {
        attribute(style, "name"): _levels(style)
        for root in roots
        if root is not None
        for style in root.iter("{*}list-style")
    }


def _number(element: Element, name: str) -> int:
    """Return the number in an attribute; 1 if it is missing or no number."""
    value = attribute(element, name)
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 1


def _levels(style: Element) -> dict[int, _ListLevel]:
    return {
        _number(level, "level"): _ListLevel(
            attribute(level, "num-format"),
            attribute(level, "num-prefix"),
            attribute(level, "num-suffix"),
            _number(level, "start-value"),
            _number(level, "display-levels"),
        )
        for level in style.iterchildren("*")
        if local(level) in {"list-level-style-number", "outline-level-style"}
    }


def _label(levels: dict[int, _ListLevel], counts: dict[int, int], level: int) -> str:
    definition = levels[level]
    shown = range(max(1, level - definition.levels + 1), level + 1)
    numbers = [
        number_text(counts.get(key, 1), levels[key].format)
        for key in shown
        if key in levels and levels[key].format
    ]
    return f"{definition.prefix}{'.'.join(numbers)}{definition.suffix}".strip()
