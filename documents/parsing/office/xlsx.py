"""Excel files (XLSX): each sheet as tables of displayed values, with comments and charts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from documents.parsing import block_text
from documents.parsing.office import (
    drawings,
    embedded,
    number_format,
    pptx,
    sheet_tables,
)
from documents.parsing.office.package import (
    RELATIONSHIP_ID,
    Element,
    Package,
    attribute,
    local,
)
from documents.parsing.office.sheet_tables import Cells
from documents.parsing.parsed_document import Block, Kind, ParsedDocument

MAX_CELLS = 5_000_000
"""Upper bound on the cells of a sheet that are read."""
_CELL = re.compile(r"([A-Z]+)(\d+)")
_HEADER_CODE = re.compile(r'&(?:[LCRDTPNFAZGBIUSXYEH]|K[0-9A-Fa-f+-]{6}|"[^"]*"|\d+)')
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the text of a workbook. Raises BrokenFile. The password is ignored."""
    package = Package(path, name)
    workbook = _Workbook(package)
    blocks = list(workbook.blocks())
    attachments = list(embedded.of_package(package, "xl"))
    return block_text.compose(
        blocks, engine="xlsx", attachments=attachments, warnings=workbook.warnings
    )


@dataclass(slots=True)
class _Sheet:
    name: str
    part: str
    hidden: bool


@dataclass(slots=True)
class _Workbook:
    package: Package
    part: str = ""
    strings: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    since_1904: bool = False
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        main = self.package.related("", "officeDocument")
        existing = (part for part in main if self.package.has(part))
        self.part = next(existing, "xl/workbook.xml")
        self.strings = self._shared_strings()
        self.formats = _cell_formats(self._related("styles"))

    def _related(self, kind: str) -> Element | None:
        for part in self.package.related(self.part, kind):
            return self.package.xml(part)
        return None

    def _shared_strings(self) -> list[str]:
        root = self._related("sharedStrings")
        items = [] if root is None else root.iterchildren("{*}si")
        return [_rich_text(item) for item in items]

    def blocks(self) -> Iterator[Block]:
        root = self.package.required_xml(self.part)
        properties = root.find("{*}workbookPr")
        if properties is not None:
            self.since_1904 = attribute(properties, "date1904") in {"1", "true"}
        relations = self.package.relations(self.part)
        for item in root.iterfind("{*}sheets/{*}sheet"):
            relation = relations.get(item.get(RELATIONSHIP_ID, ""))
            if relation is None:
                continue
            hidden = attribute(item, "state") in {"hidden", "veryHidden"}
            sheet = _Sheet(attribute(item, "name"), relation.target, hidden)
            if sheet.hidden:
                self.warnings.append(f"The hidden sheet '{sheet.name}' was not read.")
            else:
                yield from self._sheet(sheet)

    def _sheet(self, sheet: _Sheet) -> Iterator[Block]:
        yield Block(Kind.HEADING, sheet.name, level=2, anchor=sheet.name)
        cells, margins = self._cells(sheet)
        yield from sheet_tables.blocks(cells, sheet.name)
        for comment in self._comments(sheet.part):
            yield Block(Kind.NOTE, comment, anchor=sheet.name)
        for part in self.package.related(sheet.part, "drawing"):
            yield from self._drawing(part)
        for text in margins:
            yield Block(Kind.MARGIN, text, anchor=sheet.name)

    def _cells(self, sheet: _Sheet) -> tuple[Cells, list[str]]:
        """Return the displayed texts by row and column, and the headers and footers."""
        cells: Cells = {}
        margins = list[str]()
        if not self.package.has(sheet.part):
            return cells, margins
        content = self.package.read(sheet.part)
        row = count = 0
        for element in _elements(content, ("c", "row", "headerFooter")):
            if local(element) == "c":
                count += 1
                position = _position(attribute(element, "r"))
                column = position[1] if position else column_after(cells.get(row, {}))
                text = self._value(element)
                if text and count <= MAX_CELLS:
                    current = position[0] if position else row
                    cells.setdefault(current, {})[column] = text
            elif local(element) == "row":
                row += 1
                element.clear()
            else:
                margins += filter(None, map(_margin, element.iterchildren("*")))
        if count > MAX_CELLS:
            self.warnings.append(
                f"'{sheet.name}' has {count} cells; {MAX_CELLS} were read."
            )
        return cells, margins

    def _value(self, cell: Element) -> str:
        kind = attribute(cell, "t", "n")
        if kind == "inlineStr":
            inline = cell.find("{*}is")
            return "" if inline is None else _rich_text(inline)
        value = cell.findtext("{*}v")
        if value is None or value == "":
            formula = cell.findtext("{*}f")
            return f"={formula}" if formula else ""
        match kind:
            case "s":
                index = int(value) if value.isdecimal() and len(value) < 10 else -1
                return self.strings[index] if 0 <= index < len(self.strings) else ""
            case "b":
                return "TRUE" if value == "1" else "FALSE"
            case "n":
                style = attribute(cell, "s", "0")
                is_index = style.isdecimal() and len(style) < 10
                return self._number(value, int(style) if is_index else 0)
            case _:
                return _unescaped(value)

    def _number(self, value: str, style: int) -> str:
        code = self.formats[style] if style < len(self.formats) else "General"
        return number_format.display_text(value, code, since_1904=self.since_1904)

    def _comments(self, part: str) -> Iterator[str]:
        threads = list(self.package.related(part, "threadedComment"))
        persons = self._persons() if threads else {}
        for thread in threads:
            root = self.package.xml(thread)
            for item in [] if root is None else root.iterchildren("{*}threadedComment"):
                author = persons.get(attribute(item, "personId"), "")
                yield _comment(
                    attribute(item, "ref"), author, item.findtext("{*}text") or ""
                )
        for comments in self.package.related(part, "comments"):
            root = self.package.xml(comments)
            if root is None:
                continue
            authors = [
                item.text or "" for item in root.iterfind("{*}authors/{*}author")
            ]
            for item in root.iter("{*}comment"):
                index = int(attribute(item, "authorId", "0") or 0)
                author = authors[index] if index < len(authors) else ""
                if threads and author.startswith("tc="):
                    continue
                body = item.find("{*}text")
                text = "" if body is None else _rich_text(body)
                yield _comment(attribute(item, "ref"), author, text)

    def _persons(self) -> dict[str, str]:
        roots = map(self.package.xml, self.package.related(self.part, "person"))
        return {
            attribute(person, "id"): attribute(person, "displayName")
            for root in roots
            if root is not None
            for person in root.iterchildren("*")
        }

    def _drawing(self, part: str) -> Iterator[Block]:
        """Yield shapes, charts and pictures of a sheet."""
        root = self.package.xml(part)
        if root is None:
            return
        yield from pptx.blocks_of_shapes(self.package.read(part))
        relations = self.package.relations(part)
        for item in root.iter("{*}chart", "{*}relIds", "{*}pic"):
            if local(item) == "pic":
                yield from _picture(self.package, item, part)
                continue
            is_chart = local(item) == "chart"
            relation = relations.get(attribute(item, "id" if is_chart else "dm"))
            if relation:
                read = drawings.chart if is_chart else drawings.diagram
                yield from read(self.package, relation.target)


def _picture(package: Package, picture: Element, part: str) -> Iterable[Block]:
    properties, blip = picture.find(".//{*}cNvPr"), picture.find(".//{*}blip")
    caption = "" if properties is None else attribute(properties, "descr")
    relations = package.relations(part)
    relation = relations.get("" if blip is None else attribute(blip, "embed"))
    target = relation.target if relation and not relation.external else ""
    return drawings.picture(package, target, caption)


def _elements(content: bytes, names: tuple[str, ...]) -> Iterator[Element]:
    """Yield the elements of a sheet as they are read, to limit the memory."""
    parser = etree.XMLPullParser(
        events=("end",),
        tag=[f"{{*}}{name}" for name in names],
        resolve_entities=False,
        no_network=True,
        recover=True,
        huge_tree=True,
    )
    for start in range(0, len(content), 1 << 20):
        parser.feed(content[start : start + (1 << 20)])
        for _, element in parser.read_events():
            yield element


def _comment(cell: str, author: str, text: str) -> str:
    text = text.strip().removeprefix(f"{author}:").strip() if author else text.strip()
    by = f" by {author}" if author and not author.startswith("tc=") else ""
    return f"Comment on {cell}{by}: {text}" if text else ""


def _margin(element: Element) -> str:
    return block_text.one_line(_HEADER_CODE.sub(" ", element.text or ""))


def _rich_text(element: Element) -> str:
    """Return the text of a string, without the phonetic hints of Japanese."""
    parts = [
        item.text or ""
        for item in element.iter("{*}t")
        if drawings.local_parent(item) != "rPh"
    ]
    return _unescaped("".join(parts))


def _unescaped(text: str) -> str:
    return (
        _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
        if "_x" in text
        else text
    )


def _position(reference: str) -> tuple[int, int] | None:
    """Return the row and column of a reference such as B12, counted from 1."""
    match = _CELL.fullmatch(reference)
    return (int(match[2]), column_number(match[1])) if match else None


def column_number(letters: str) -> int:
    """Return the number of a column, 1 for A."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def column_after(row: Mapping[int, str]) -> int:
    """Return the column after the last cell of a row."""
    return max(row, default=0) + 1


def _cell_formats(styles: Element | None) -> list[str]:
    """Return the number format of each cell style."""
    if styles is None:
        return []
    codes = dict(number_format.BUILT_IN)
    for item in styles.iterfind("{*}numFmts/{*}numFmt"):
        codes[int(attribute(item, "numFmtId", "0"))] = attribute(item, "formatCode")
    return [
        codes.get(int(attribute(item, "numFmtId", "0") or 0), "General")
        for item in styles.iterfind("{*}cellXfs/{*}xf")
    ]
