from __future__ import annotations

import base64
import io
import zipfile

import pytest

from documents import parsing
from documents.parsing import figures
from documents.parsing.parsed_document import Image, ParsedDocument
from tests.documents import make_files
from tests.documents.conftest import Put
from tests.documents.parsing.test_scans import image, recognize

DRAWING = """<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY e SYSTEM "file:///etc/passwd">]>
<svg xmlns="http://www.w3.org/2000/svg"><title>Tea trade</title>
<script>alert("script")</script><style>.a { fill: red }</style>
<g><text x="1">Green <tspan>tea &amp; rice</tspan></text></g><text>Green tea &amp; rice</text>
<a href="javascript:alert(1)"><text>Exports &e;</text></a></svg>"""
TEXT = "Tea trade\nGreen tea & rice\nExports"
EMF = b"\1\0\0\0".ljust(40, b"\0") + b" EMF" + bytes(200)


def test_an_svg_file_has_its_texts_and_no_scripts(put: Put) -> None:
    parsed = parsing.parse(put("a.svg", DRAWING.encode()), "a.svg")
    assert parsed.text == TEXT


def test_the_texts_of_drawings_in_a_web_page_are_read(put: Put) -> None:
    data = base64.b64encode(DRAWING.encode()).decode()
    drawing = DRAWING.partition("]>")[2].replace("&e;", "")
    page = (
        f"<p>Before.</p>{drawing}<p>An <svg><title>icon</title><path/></svg> here.</p>"
        f'<img src="data:image/svg+xml;base64,{data}">'
    )
    parsed = parsing.parse(put("a.html", page.encode()), "a.html")
    assert parsed.text == f"Before.\n\n{TEXT}\n\nAn icon here.\n\n{TEXT}"
    assert parsed.images == ()


def book(members: dict[str, bytes]) -> bytes:
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="book.opf"/></rootfiles></container>'
    )
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="c" href='
        '"one.xhtml"/></manifest><spine><itemref idref="c"/></spine></package>'
    )
    return make_files.archive(
        {
            "mimetype": b"application/epub+zip",
            "META-INF/container.xml": container.encode(),
            "book.opf": opf.encode(),
            **members,
        }
    )


def test_the_images_of_a_book_are_recognized_and_its_drawings_read(put: Put) -> None:
    chapter = (
        '<html><body><p>Tea.</p><img src="a.svg"/><img src="b.png"/></body></html>'
    )
    content = book(
        {"one.xhtml": chapter.encode(), "a.svg": DRAWING.encode(), "b.png": image()}
    )
    parsed = parsing.parse(put("a.epub", content), "a.epub", ocr=recognize)
    assert parsed.text == f"Tea.\n\n{TEXT}\n\nRead from page 1"
    assert len(parsed.images) == 1


def test_the_images_of_a_web_page_are_recognized(put: Put) -> None:
    data = base64.b64encode(image()).decode()
    page = f'<p>Tea.</p><img src="data:image/png;base64,{data}"><p>Rice.</p>'
    parsed = parsing.parse(put("a.html", page.encode()), "a.html", ocr=recognize)
    assert parsed.text == "Tea.\n\nRead from page 1\n\nRice."


def word_with_emf() -> bytes:
    """Return a Word file whose image is an EMF file."""
    result = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(make_files.word_with_figures(["Tea"]))) as source,
        zipfile.ZipFile(result, "w") as target,
    ):
        for name in source.namelist():
            content = source.read(name).replace(b"image1.png", b"image1.emf")
            if name.endswith("image1.png"):
                name, content = name.replace("png", "emf"), EMF
            target.writestr(name, content)
    return result.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        ("a.docx", word_with_emf(), "image1.emf"),
        (
            "a.rtf",
            b"{\\rtf1 Tea {\\pict\\wmetafile8 d7cdc69a" + b"00" * 40 + b"}}",
            "images without a name",
        ),
    ],
)
def test_vector_images_are_left_out_with_a_warning(
    put: Put, name: str, content: bytes, named: str
) -> None:
    parsed = parsing.parse(put(name, content), name, ocr=recognize)
    assert "Tea" in parsed.text
    assert parsed.images == ()
    assert parsed.warnings == (
        f"Images in the formats WMF and EMF can't be shown or read: {named}.",
    )


def test_the_warning_names_at_most_ten_vector_images() -> None:
    images = tuple(Image(EMF + bytes(n), "", name=f"{n}.emf") for n in range(14))
    parsed = figures.without_vector_images(ParsedDocument("x", images=images))
    assert parsed.warnings[0].endswith("8.emf, 9.emf and 4 more.")
