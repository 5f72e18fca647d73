from __future__ import annotations

import io
from collections.abc import Callable

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from documents import parsing
from documents.parsing import ParsedDocument
from documents.parsing.parsed_document import Kind
from tests.documents import make_files
from tests.documents.conftest import Put

Read = Callable[[Document], ParsedDocument]
W = nsdecls("w")
M = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


@pytest.fixture
def read(put: Put) -> Read:
    def read(document: Document) -> ParsedDocument:
        buffer = io.BytesIO()
        document.save(buffer)
        return parsing.parse(put("a.docx", buffer.getvalue()), "a.docx")

    return read


def test_special_characters_are_kept_and_nothing_is_escaped(read: Read) -> None:
    document = docx.Document()
    document.add_paragraph("R&D at AT&T: a < b > c, *stars*, under_score, # 1 | 2")
    text = read(document).text
    assert text == "R&D at AT&T: a < b > c, *stars*, under_score, # 1 | 2"


def test_lists_have_their_displayed_numbers(read: Read) -> None:
    document = docx.Document()
    document.add_heading("Steps", 2)
    for text in ("Boil", "Pour"):
        document.add_paragraph(text, style="List Number")
    document.add_paragraph("Milk", style="List Bullet")
    assert read(document).text == "## Steps\n\n1. Boil\n2. Pour\n- Milk"


def test_headers_and_footers_occur_once(read: Read) -> None:
    document = docx.Document()
    for number in range(2):
        section = document.sections[-1]
        section.header.paragraphs[0].text = "Company"
        section.footer.paragraphs[0].text = "Internal"
        document.add_paragraph(f"Part {number}")
        document.add_section()
    text = read(document).text
    assert text == "Company\n\nPart 0\n\nPart 1\n\nInternal"


def test_comments_follow_the_paragraph_with_their_author(read: Read) -> None:
    document = docx.Document()
    run = document.add_paragraph("Tea is green.").runs[0]
    document.add_comment(run, text="Not always.", author="Ann")
    document.add_paragraph("Milk is white.")
    assert read(document).text.split("\n\n") == [
        "Tea is green.",
        "Comment by Ann: Not always.",
        "Milk is white.",
    ]


def test_merged_cells_are_not_repeated(read: Read) -> None:
    document = docx.Document()
    table = document.add_table(rows=3, cols=3)
    for row, texts in enumerate([("A", "", "C"), ("1", "2", "3"), ("", "5", "6")]):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(0, 0).merge(table.cell(0, 1))
    table.cell(1, 0).merge(table.cell(2, 0))
    assert read(document).text == (
        "| A |  | C |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n|  | 5 | 6 |"
    )


def test_formulas_are_latex_in_the_sentence(read: Read) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Area ")
    formula = f"""<m:oMath {M}><m:f><m:num><m:r><m:t>a</m:t></m:r></m:num><m:den>
        <m:sSup><m:e><m:r><m:t>b</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup>
        </m:sSup></m:den></m:f></m:oMath>"""
    paragraph._p.append(parse_xml(formula))
    paragraph.add_run(" is small.")
    assert read(document).text == r"Area $\frac{a}{b^{2}}$ is small."


def test_text_boxes_deletions_and_fields(read: Read) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Before ")
    xml = f"""<w:r {W}><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml">
        <v:textbox><w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p>
        </w:txbxContent></v:textbox></v:shape></w:pict></w:r>"""
    paragraph._p.append(parse_xml(xml))
    deleted = f"<w:del {W}><w:r><w:delText>gone</w:delText></w:r></w:del>"
    paragraph._p.append(parse_xml(deleted))
    field = f"<w:r {W}><w:instrText>PAGEREF x</w:instrText></w:r>"
    paragraph._p.append(parse_xml(field))
    inserted = f"<w:ins {W}><w:r><w:t>after</w:t></w:r></w:ins>"
    paragraph._p.append(parse_xml(inserted))
    assert read(document).text == "Before after\n\nIn a box"


def test_footnotes_follow_the_paragraph(put: Put) -> None:
    note = (
        f'<w:footnotes {W}><w:footnote w:type="separator" w:id="0"><w:p/></w:footnote>'
        '<w:footnote w:id="2"><w:p><w:r><w:t>From Assam.</w:t></w:r></w:p></w:footnote>'
        "</w:footnotes>"
    )
    body = (
        f"<w:document {W}><w:body><w:p><w:r><w:t>Tea</w:t></w:r><w:r>"
        '<w:footnoteReference w:id="2"/></w:r><w:r><w:t> is good.</w:t></w:r></w:p>'
        "<w:p><w:r><w:t>End.</w:t></w:r></w:p></w:body></w:document>"
    )
    members = {"word/document.xml": body.encode(), "word/footnotes.xml": note.encode()}
    parsed = parsing.parse(put("a.docx", make_files.archive(members)), "a.docx")
    assert parsed.text == "Tea is good.\n\nFootnote: From Assam.\n\nEnd."
    assert parsed.blocks[1].kind is Kind.NOTE


def test_images_keep_their_alternative_text_and_position(read: Read) -> None:
    document = docx.Document()
    document.add_paragraph("Look:")
    document.add_picture(io.BytesIO(make_files.PNG))
    shape = document.inline_shapes[0]._inline
    shape.docPr.set("descr", "A cup of tea")
    parsed = read(document)
    assert parsed.text == "Look:\n\nA cup of tea"
    [image] = parsed.images
    assert (image.media_type, image.content) == ("image/png", make_files.PNG)
    assert parsed.text[image.position :] == image.caption == "A cup of tea"


@pytest.mark.parametrize("name", ["Picture", "image 12", "圖片 3", "image1.png"])
def test_the_name_of_an_image_is_no_caption(read: Read, name: str) -> None:
    document = docx.Document()
    document.add_paragraph("Look:")
    document.add_picture(io.BytesIO(make_files.PNG))
    document.inline_shapes[0]._inline.docPr.set("descr", name)
    parsed = read(document)
    assert parsed.text == "Look:"
    assert [image.caption for image in parsed.images] == [""]


def test_consecutive_lines_of_code_are_one_block(read: Read) -> None:
    document = docx.Document()
    document.styles.add_style("Source Code", 1)
    for line in ("def f():", "    return 1"):
        document.add_paragraph(line, style="Source Code")
    assert read(document).text == "```\ndef f():\n    return 1\n```"
