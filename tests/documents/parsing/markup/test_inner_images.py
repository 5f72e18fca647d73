"""Images inside web pages, e-books, Markdown files and notebooks."""

from __future__ import annotations

import base64
import json

from documents import parsing
from tests.documents import make_files
from tests.documents.conftest import Put

PICTURES = [make_files.picture(100, 80, seed=seed) for seed in range(3)]
DATA = [base64.b64encode(picture).decode() for picture in PICTURES]
URIS = [f"data:image/png;base64,{data}" for data in DATA]


def test_web_pages_keep_their_images_with_captions(put: Put) -> None:
    page = (
        f'<p>Tea <img src="{URIS[0]}" alt="A cup"> grows.</p><figure><img src="{URIS[1]}">'
        "<figcaption>Rice in <b>Asia</b></figcaption></figure><table><tr><td>1</td><td>"
        f'2</td></tr><tr><td><img src="{URIS[2]}" alt="A pan"></td><td>4</td></tr></table>'
        '<img src="https://example.org/x.png" alt="Elsewhere"><img src="data:image/png;x">'
    )
    parsed = parsing.parse(put("a.html", page.encode()), "a.html")
    assert parsed.text == (
        "Tea A cup grows.\n\nRice in Asia\n\n| 1 | 2 |\n| --- | --- |\n| A pan | 4 |\n\n"
        "Elsewhere"
    )
    assert [image.content for image in parsed.images] == PICTURES
    captions = [image.caption for image in parsed.images]
    assert captions == ["A cup", "Rice in Asia", "A pan"]


def test_books_keep_their_images(put: Put) -> None:
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OPS/book.opf"/></rootfiles></container>'
    )
    book = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="c" href="text/'
        'one.xhtml"/></manifest><spine><itemref idref="c"/></spine></package>'
    )
    chapter = '<html><body><p>Tea.</p><img src="../img/a%20b.png"/></body></html>'
    members = {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": container.encode(),
        "OPS/book.opf": book.encode(),
        "OPS/text/one.xhtml": chapter.encode(),
        "OPS/img/a b.png": PICTURES[0],
    }
    parsed = parsing.parse(put("a.epub", make_files.archive(members)), "a.epub")
    assert parsed.text == "Tea."
    [image] = parsed.images
    assert (image.content, image.position) == (PICTURES[0], 4)


def test_markdown_keeps_the_images_inside_it(put: Put) -> None:
    text = f"\n\nTea\r\n\r\n![A cup]({URIS[0]})\n\nFigure 1: Tea\n\n![]({URIS[1]}) Rice"
    parsed = parsing.parse(put("a.md", text.encode()), "a.md")
    assert parsed.text == "Tea\n\nA cup\n\nFigure 1: Tea\n\n Rice"
    first, second = parsed.images
    assert (first.content, first.caption) == (PICTURES[0], "Figure 1: Tea")
    assert parsed.text[first.position :].startswith("A cup")
    assert parsed.text[second.position :] == " Rice"


def test_notebooks_keep_outputs_and_attachments(put: Put) -> None:
    output = {
        "output_type": "display_data",
        "data": {
            "image/png": [DATA[1][:40] + "\n", DATA[1][40:]],
            "text/plain": "<Fig>",
        },
    }
    notebook = {
        "cells": [
            {
                "cell_type": "markdown",
                "source": "See ![a cup](attachment:a.png)",
                "attachments": {"a.png": {"image/png": DATA[0]}},
            },
            {"cell_type": "code", "source": "plot()", "outputs": [output]},
        ],
        "metadata": {},
        "nbformat": 4,
    }
    content = json.dumps(notebook).encode()
    parsed = parsing.parse(put("a.ipynb", content), "a.ipynb")
    assert parsed.text == "See a cup\n\n```\nplot()\n```\n\n```\n<Fig>\n```"
    assert [image.content for image in parsed.images] == PICTURES[:2]
    assert parsed.images[0].caption == "a cup"


def test_damaged_images_do_not_change_the_text(put: Put) -> None:
    text = "Tea ![cup](data:image/png;base64,A) and ![pot](data:text/html,x)"
    parsed = parsing.parse(put("a.md", text.encode()), "a.md")
    assert (parsed.text, parsed.images) == ("Tea cup and pot", ())
