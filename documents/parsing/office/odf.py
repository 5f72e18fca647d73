"""OpenDocument files (ODT, ODS, ODP): texts, sheets and slides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from documents.errors import EncryptedFile
from documents.parsing import block_text
from documents.parsing.office import sheet_tables, symbols
from documents.parsing.office.numbering import integer
from documents.parsing.office.odf_content import (
    MAX_REPEATED,
    Content,
    cells_of,
    rows_of,
)
from documents.parsing.office.package import Element, Package, attribute, local
from documents.parsing.office.sheet_tables import Cells
from documents.parsing.parsed_document import Block, Kind, ParsedDocument


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
    return block_text.compose(
        symbols.decoded(blocks), engine="odf", warnings=document.warnings
    )


class _Document(Content):
    """A text, a spreadsheet, a presentation, or an object inside one."""

    def __init__(self, package: Package, folder: str = "") -> None:
        super().__init__(package, folder)
        self.margins = set[str]()
        self.warnings = list[str]()

    def embedded_blocks(self, folder: str) -> Iterator[Block]:
        """Yield the blocks of the object in a folder."""
        yield from _Document(self.package, folder).content_blocks()

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
                yield from self.of_container(content)
            case _:
                yield from self.of_container(content)
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
                texts = [str(self.text(p)) for p in element.iter("{*}p", "{*}h")]
                text = "\n".join(filter(None, texts))
                if text and text not in self.margins and text != "???":
                    self.margins.add(text)
                    yield Block(Kind.MARGIN, text)

    def content_blocks(self) -> Iterator[Block]:
        """Yield the blocks of an embedded object; the data of a chart is a table in it."""
        chart = next(self.root.iter("{*}chart"), None)
        for tag in () if chart is None else ("title", "subtitle", "axis"):
            for element in [] if chart is None else chart.iter(f"{{*}}{tag}"):
                text = self.flat(element) if tag != "axis" else ""
                if text:
                    yield Block(Kind.PARAGRAPH, text)
        if chart is None:
            yield from self.blocks()
            return
        for table in chart.iter("{*}table"):
            yield from self.table(table)

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
                after += self.of_container(shapes)
            yield from (replace(block, anchor=name) for block in after)

    def _sheet_cells(self, table: Element) -> tuple[Cells, list[Block]]:
        cells: Cells = {}
        after = list[Block]()
        number = 0
        for row in rows_of(table):
            texts = self._sheet_row(row, after)
            repeated = integer(row, "number-rows-repeated")
            for offset in range(min(repeated, MAX_REPEATED) if texts else 0):
                cells[number + offset] = texts
            number += repeated
        return cells, after

    def _sheet_row(self, row: Element, after: list[Block]) -> dict[int, str]:
        texts, column = dict[int, str](), 0
        for cell in cells_of(row):
            repeated = integer(cell, "number-columns-repeated")
            text = self.cell(cell, after)
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
            yield Block(Kind.HEADING, self.flat(frame))
        for frame in frames:
            if frame in titles or local(frame) == "notes":
                continue
            yield from self.of(frame, local(frame))
        for notes in page.iterchildren("{*}notes"):
            if text := self.flat(notes):
                yield Block(Kind.NOTE, f"Notes: {text}")

    def _master(self, name: str) -> Iterable[Block]:
        """Yield the fixed texts of a master page, each master page once."""
        for master in [] if self.styles is None else self.styles.iter("{*}master-page"):
            if attribute(master, "name") != name:
                continue
            for shape in master.iterchildren("*"):
                is_placeholder = attribute(shape, "class") or local(shape) == "notes"
                text = "" if is_placeholder else self.flat(shape)
                if text and text not in self.margins:
                    self.margins.add(text)
                    yield Block(Kind.MARGIN, text)
