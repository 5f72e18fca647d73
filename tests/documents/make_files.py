"""Small files of each kind, made in memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import docx
from fpdf import FPDF

Pages = Sequence[tuple[str, str]]
"""A heading and a paragraph each."""


def pdf(pages: Pages, *, password: str = "") -> bytes:
    made = FPDF()
    if password:
        made.set_encryption(owner_password="owner", user_password=password)
    for heading, paragraph in pages:
        made.add_page()
        made.set_font("helvetica", style="B", size=20)
        made.cell(0, 12, heading, new_x="LMARGIN", new_y="NEXT")
        made.set_font("helvetica", size=11)
        made.multi_cell(0, 6, paragraph)
    return bytes(made.output())


def word(pages: Pages, *, table: Sequence[Sequence[str]] = ()) -> bytes:
    made = docx.Document()
    for number, (heading, paragraph) in enumerate(pages):
        if number:
            made.add_page_break()  # type: ignore[no-untyped-call]
        made.add_heading(heading, number + 1)
        made.add_paragraph(paragraph)
    if table:
        grid = made.add_table(rows=len(table), cols=len(table[0]))
        for row, cells in zip(grid.rows, table, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    return _saved(made.save)


def archive(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return made.getvalue()


SPREADSHEET = {
    "[Content_Types].xml": b'<?xml version="1.0"?><Types xmlns="http://schemas.openxml'
    b'formats.org/package/2006/content-types"><Default Extension="rels" ContentType='
    b'"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension='
    b'"xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
    b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
    b'.main+xml"/></Types>',
    "_rels/.rels": b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxml'
    b'formats.org/package/2006/relationships"><Relationship Id="r1" Type="http://'
    b"schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    b'" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": b'<?xml version="1.0"?><workbook xmlns="http://schemas.openxml'
    b'formats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/'
    b'officeDocument/2006/relationships"><sheets><sheet name="Prices" sheetId="1" '
    b'r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": b'<?xml version="1.0"?><Relationships xmlns="http://'
    b'schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    b'worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/worksheets/sheet1.xml": b'<?xml version="1.0"?><worksheet xmlns="http://schemas'
    b'.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" '
    b't="inlineStr"><is><t>Tea</t></is></c><c r="B1"><v>42</v></c></row></sheetData>'
    b"</worksheet>",
}


def _saved(save: object) -> bytes:
    made = io.BytesIO()
    assert callable(save)
    save(made)
    return made.getvalue()
