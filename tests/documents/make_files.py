"""Small files of each format, created in memory."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Sequence

import docx
import PIL.Image
import PIL.ImageDraw
from fpdf import FPDF

Pages = Sequence[tuple[str, str]]
"""A heading and a paragraph each."""


def pdf(pages: Pages, *, password: str = "") -> bytes:
    file = FPDF()
    if password:
        file.set_encryption(owner_password="owner", user_password=password)
    for heading, paragraph in pages:
        file.add_page()
        file.set_font("helvetica", style="B", size=20)
        file.cell(0, 12, heading, new_x="LMARGIN", new_y="NEXT")
        file.set_font("helvetica", size=11)
        file.multi_cell(0, 6, paragraph)
    return bytes(file.output())


def word(pages: Pages, *, table: Sequence[Sequence[str]] = ()) -> bytes:
    file = docx.Document()
    for number, (heading, paragraph) in enumerate(pages):
        if number:
            file.add_page_break()  # type: ignore[no-untyped-call]
        file.add_heading(heading, number + 1)
        file.add_paragraph(paragraph)
    if table:
        grid = file.add_table(rows=len(table), cols=len(table[0]))
        for row, cells in zip(grid.rows, table, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    return _saved(file.save)


def archive(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return buffer.getvalue()


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
    buffer = io.BytesIO()
    assert callable(save)
    save(buffer)
    return buffer.getvalue()


PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)
"""An image of one pixel."""


def one_color(
    color: tuple[int, int, int] | str, width: int = 120, height: int = 80
) -> bytes:
    """Return an image of one color."""
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (width, height), color).save(buffer, "PNG")
    return buffer.getvalue()


def picture(
    width: int, height: int, *, seed: int = 0, image_format: str = "PNG"
) -> bytes:
    """Return an image with bars; images of different seeds differ."""
    image = PIL.Image.new("RGB", (width, height), "white")
    draw = PIL.ImageDraw.Draw(image)
    for bar in range(5):
        left, top = (2 * bar + 1) * width // 11, height * (1 + (bar + seed) % 7) // 9
        color = (40 * bar, 60 + seed % 190, 200)
        draw.rectangle((left, top, left + width // 11, height), fill=color)
    buffer = io.BytesIO()
    image.save(buffer, image_format)
    return buffer.getvalue()


def word_with_figures(captions: Sequence[str]) -> bytes:
    """Return a Word file with a paragraph, a picture and a caption for each."""
    file = docx.Document()
    for number, caption in enumerate(captions):
        file.add_paragraph(f"Paragraph {number} tells what was measured in Jena.")
        file.add_picture(io.BytesIO(picture(240, 160, seed=number)))
        file.add_paragraph(caption)
    return _saved(file.save)


def pdf_with_figures() -> bytes:
    """Return two pages: a picture and a drawing with lines, each above its caption."""
    file = FPDF()
    file.set_font("helvetica", size=11)
    file.add_page()
    file.multi_cell(0, 6, "The tea harvest in Jena was measured for ten years. " * 5)
    file.ln(4)
    file.image(io.BytesIO(picture(600, 400, seed=3)), x=40, w=120)
    file.ln(2)
    file.cell(0, 6, "Figure 1: Growth of tea", new_x="LMARGIN", new_y="NEXT")
    file.ln(4)
    file.multi_cell(0, 6, "The growth is caused by a warmer climate. " * 6)
    file.add_page()
    file.multi_cell(0, 6, "The rice paddies near Weimar were flooded twice. " * 5)
    top = file.get_y() + 10
    for bar in range(8):
        height = bar * 6 + 8
        file.rect(50 + bar * 14, top + 60 - height, 10, height, style="F")
    file.line(45, top, 45, top + 60)
    file.set_y(top + 64)
    file.cell(0, 6, "Fig. 2. Rice by year", new_x="LMARGIN", new_y="NEXT")
    file.ln(4)
    file.multi_cell(0, 6, "The yields of rice fell after the flood. " * 5)
    return bytes(file.output())
