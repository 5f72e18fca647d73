"""Word files (DOCX): the body in order, each note after the paragraph that refers to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from documents.parsing import block_text
from documents.parsing.markup import html
from documents.parsing.office import docx_elements as elements
from documents.parsing.office import drawings, embedded, omml, symbols
from documents.parsing.office.docx_elements import Style, Styles
from documents.parsing.office.numbering import BULLET
from documents.parsing.office.package import (
    Element,
    Package,
    Relation,
    attribute,
    local,
)
from documents.parsing.parsed_document import Block, Kind, ParsedDocument

MAX_HEADING_CHARS = 250
"""Upper bound on the length of a heading; longer paragraphs are misused styles."""
_SKIPPED = frozenset(
    {"del", "moveFrom", "instrText", "delText", "rt", "pPr", "rPr", "sectPr"}
)
_NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}
_LABELS = {"footnotes": "Footnote", "endnotes": "Endnote"}


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the text of a Word file. Raises BrokenFile. The password is ignored."""
    package = Package(path, name)
    document = _Document(package)
    attachments = list(embedded.of_package(package, "word"))
    return block_text.compose(
        symbols.decoded(_joined_code(document.blocks())),
        engine="docx",
        attachments=attachments,
    )


def _joined_code(blocks: Iterable[Block]) -> Iterator[Block]:
    """Join consecutive lines of code into one block."""
    for is_code, group in groupby(blocks, key=lambda block: block.kind is Kind.CODE):
        if is_code:
            lines = list(group)
            text = "\n".join(line.text for line in lines)
            yield Block(Kind.CODE, text, page=lines[0].page)
        else:
            yield from group


@dataclass(slots=True)
class _Text:
    """The text of a paragraph, and the blocks that belong after it."""

    parts: list[str] = field(default_factory=list)
    after: list[Block] = field(default_factory=list)

    def __str__(self) -> str:
        return "".join(self.parts).strip()


class _Document:
    def __init__(self, package: Package) -> None:
        self.package = package
        main = package.related("", "officeDocument")
        self.part = next((p for p in main if package.has(p)), "word/document.xml")
        self.folder = self.part.rpartition("/")[0]
        self.root = package.required_xml(self.part)
        self.relations = package.relations(self.part)
        self.styles = Styles(self._related("styles"), self._related("numbering"))
        self.notes = {
            "footnotes": elements.by_id(self._related("footnotes")),
            "endnotes": elements.by_id(self._related("endnotes")),
            "comments": elements.by_id(self._related("comments")),
        }
        self.rendered = (
            next(self.root.iter("{*}lastRenderedPageBreak"), None) is not None
        )
        self.page: int | None = 1 if self.rendered or self._has_page_break() else None
        self.part_stack: list[dict[str, Relation]] = [self.relations]

    def _related(self, kind: str) -> Element | None:
        for part in self.package.related(self.part, kind):
            return self.package.xml(part)
        return self.package.xml(f"{self.folder}/{kind}.xml")

    def _has_page_break(self) -> bool:
        return any(
            attribute(item, "type") == "page" for item in self.root.iter("{*}br")
        )

    def blocks(self) -> Iterator[Block]:
        body = self.root.find("{*}body")
        if body is None:
            return
        yield from self._margins("header")
        yield from self._of_container(body)
        yield from self._margins("footer")

    def _margins(self, kind: str) -> Iterator[Block]:
        """Yield each text of the page headers or footers once."""
        seen = set[str]()
        for relation in self.relations.values():
            if relation.kind != kind or relation.external:
                continue
            root = self.package.xml(relation.target)
            if root is None:
                continue
            self.part_stack.append(self.package.relations(relation.target))
            for text, blocks in self._flat(root):
                if text and text not in seen:
                    seen.add(text)
                    yield Block(Kind.MARGIN, text)
                yield from (block for block in blocks if block.text not in seen)
            self.part_stack.pop()

    def _flat(self, root: Element) -> Iterator[tuple[str, list[Block]]]:
        for paragraph in root.iter("{*}p"):
            if local(paragraph.getparent()) != "txbxContent":
                text = self._text(paragraph)
                yield str(text), text.after

    def _of_container(self, container: Element) -> Iterator[Block]:
        for child in container.iterchildren("*"):
            yield from self._of(child, local(child))

    def _of(self, child: Element, tag: str) -> Iterator[Block]:
        match tag:
            case "p":
                yield from self._paragraph(child)
            case "tbl":
                yield from self._table(child)
            case "sdt" | "sdtContent" | "customXml" | "ins" | "moveTo" | "smartTag":
                yield from self._of_container(child)
            case "altChunk":
                yield from self._alternative(child)
            case "oMathPara" | "oMath":
                yield Block(Kind.FORMULA, omml.latex(child), page=self.page)
            case "AlternateContent":
                yield from self._of_container(elements.choice(child))

    def _alternative(self, element: Element) -> Iterator[Block]:
        """Yield the text of an imported HTML or text part (`w:altChunk`)."""
        relation = self.part_stack[-1].get(attribute(element, "id"))
        if relation is None or relation.external:
            return
        content = self.package.read(relation.target)
        if relation.target.lower().endswith(
            (".htm", ".html", ".xhtml", ".mht", ".txt")
        ):
            yield from html.blocks(content)

    def _paragraph(self, paragraph: Element) -> Iterator[Block]:
        style = self.styles.of(paragraph)
        label = self.styles.label(paragraph, style)
        page = self.page
        text = self._text(paragraph)
        words = str(text)
        if self.page != page and elements.begins_with_break(paragraph):
            page = self.page
        if words:
            yield self._block(text.parts, style, label, page)
        yield from text.after

    def _block(
        self,
        parts: list[str],
        style: Style,
        label: tuple[str, int] | None,
        page: int | None,
    ) -> Block:
        words = "".join(parts).strip()
        if style.code:
            return Block(Kind.CODE, "".join(parts).rstrip(), page=page)
        if words.startswith("$$") and words.endswith("$$") and words.count("$$") == 2:
            return Block(Kind.FORMULA, words.strip("$"), page=page)
        if style.level and len(words) <= MAX_HEADING_CHARS:
            number = f"{label[0]} " if label and label[0] != BULLET else ""
            return Block(Kind.HEADING, number + words, level=style.level, page=page)
        if label:
            return Block(
                Kind.LIST, f"{label[0]} {words}", level=label[1] + 1, page=page
            )
        return Block(Kind.PARAGRAPH, words, page=page)

    def _text(self, paragraph: Element) -> _Text:
        text = _Text()
        self._collect(paragraph, text)
        return text

    def _collect(self, element: Element, text: _Text) -> None:
        for child in element.iterchildren("*"):
            self._collect_one(child, local(child), text)

    def _collect_one(self, child: Element, tag: str, text: _Text) -> None:  # noqa: C901
        match tag:
            case "t":
                text.parts.append(child.text or "")
            case "tab" | "ptab":
                text.parts.append("\t")
            case "br" | "cr":
                self._break(child, text)
            case "noBreakHyphen":
                text.parts.append("-")
            case "sym":
                code = int(attribute(child, "char", "0") or "0", 16)
                text.parts.append(symbols.of_font(code, attribute(child, "font")))
            case "lastRenderedPageBreak":
                self.page = (self.page or 1) + 1
            case "oMath":
                space = " " if text.parts and text.parts[-1].endswith("$") else ""
                text.parts.append(f"{space}${omml.latex(child)}$")
            case "oMathPara":
                formulas = [omml.latex(item) for item in child.iterchildren("{*}oMath")]
                text.parts.append(f"$${' '.join(formulas)}$$")
            case "footnoteReference" | "endnoteReference":
                self._note(child, _NOTES[tag], text)
            case "commentReference":
                self._comment(child, text)
            case "AlternateContent":
                self._collect(elements.choice(child), text)
            case "drawing" | "pict" | "object":
                text.after += self._drawing(child)
            case _ if tag not in _SKIPPED:
                self._collect(child, text)

    def _break(self, element: Element, text: _Text) -> None:
        if attribute(element, "type") == "page" and not self.rendered:
            self.page = (self.page or 1) + 1
        text.parts.append("\n")

    def _note(self, reference: Element, kind: str, text: _Text) -> None:
        note = self.notes[kind].get(attribute(reference, "id"))
        if note is not None and (words := self._note_text(note, text)):
            label = _LABELS[kind]
            text.after.append(Block(Kind.NOTE, f"{label}: {words}", page=self.page))

    def _comment(self, reference: Element, text: _Text) -> None:
        comment = self.notes["comments"].get(attribute(reference, "id"))
        if comment is not None and (words := self._note_text(comment, text)):
            author = attribute(comment, "author")
            by = f" by {author}" if author else ""
            text.after.append(Block(Kind.NOTE, f"Comment{by}: {words}", page=self.page))

    def _note_text(self, note: Element, text: _Text) -> str:
        texts = [self._text(paragraph) for paragraph in note.iter("{*}p")]
        for item in texts:
            text.after += item.after
        return "\n".join(filter(None, map(str, texts)))

    def _drawing(self, drawing: Element) -> Iterator[Block]:
        """Yield text boxes, charts, diagrams and pictures."""
        boxes = False
        for content in drawing.iter("{*}txbxContent"):
            if not elements.is_nested(content, drawing):
                boxes = True
                yield from self._of_container(content)
        relations = self.part_stack[-1]
        for item in drawing.iter("{*}chart", "{*}relIds"):
            is_chart = local(item) == "chart"
            relation = relations.get(attribute(item, "id" if is_chart else "dm"))
            if relation:
                read = drawings.chart if is_chart else drawings.diagram
                yield from read(self.package, relation.target)
        if not boxes and local(drawing) != "object":
            yield from self._pictures(drawing, relations)

    def _pictures(
        self, drawing: Element, relations: dict[str, Relation]
    ) -> Iterator[Block]:
        names = [attribute(item, "descr") for item in drawing.iter("{*}docPr")]
        for item in drawing.iter("{*}blip", "{*}imagedata"):
            key = attribute(item, "embed") or attribute(item, "id")
            relation = relations.get(key)
            if relation is None:
                continue
            caption = names.pop(0) if names else attribute(item, "title")
            part = "" if relation.external else relation.target
            for block in drawings.picture(self.package, part, caption):
                yield Block(block.kind, block.text, page=self.page, image=block.image)

    def _table(self, table: Element) -> Iterator[Block]:
        rows, after, header_rows = list[tuple[str, ...]](), list[Block](), 0
        page = self.page
        table_rows = list(elements.rows(table))
        if len(table_rows) == 1 or all(
            len(list(elements.cells(row))) == 1 for row in table_rows
        ):
            for row in table_rows:
                for cell in elements.cells(row):
                    yield from self._of_container(cell)
            return
        for row in table_rows:
            texts = list[str]()
            elements.skip_columns(row, texts)
            for cell in elements.cells(row):
                texts += self._cell(cell, after)
            if any(texts):
                rows.append(tuple(texts))
            is_header = row.find("{*}trPr/{*}tblHeader") is not None
            header_rows += is_header and header_rows == len(rows) - 1
        yield Block(
            Kind.TABLE, rows=tuple(rows), header_rows=header_rows or 1, page=page
        )
        yield from after

    def _cell(self, cell: Element, after: list[Block]) -> list[str]:
        """Return the text of a cell, and a blank for each further column that it spans.

        A cell that continues the cell above it is blank.
        """
        span = cell.find("{*}tcPr/{*}gridSpan")
        merge = cell.find("{*}tcPr/{*}vMerge")
        width = int(attribute(span, "val", "1") or 1) if span is not None else 1
        continues = merge is not None and attribute(merge, "val") != "restart"
        parts = list[str]()
        for block in [] if continues else self._of_container(cell):
            if block.image or block.kind is Kind.NOTE:
                after.append(block)
            else:
                parts.append(_flat_text(block))
        return ["\n".join(filter(None, parts)), *[""] * (min(width, 64) - 1)]


def _flat_text(block: Block) -> str:
    if block.kind is Kind.FORMULA:
        return f"${block.text}$"
    if block.rows:
        return "; ".join(", ".join(filter(None, row)) for row in block.rows if any(row))
    return block.text
