"""Files that LibreOffice 7.4 saved from documents with the same content."""

from __future__ import annotations

import lzma
from pathlib import Path

import pytest

from documents import parsing
from documents.errors import BrokenFile, EncryptedFile, MismatchedType, NotText
from tests.documents import make_files
from tests.documents.conftest import Put

FILES = Path(__file__).with_name("files")
TEXT = """Tea company

# Tea & Co

Green tea < black tea: 5 > 3. Grüße, 茶.

## Steps

1. Boil
2. Pour
- Milk

| Name | Price |
| --- | --- |
| Assam | 12.50 |

Last words.

Comment{by}: Check this."""
SHEET = """## Prices

| Name | Share | Since |
| --- | --- | --- |
| Assam | 12.5% | 2026-03-15 |
| Darjeeling | 50.0% | 2025-01-02 |

Comment"""
TABLE = "# Prices\n\n| Name | Price |\n| --- | --- |\n| Assam | 12.50 |"


@pytest.mark.parametrize(
    ("name", "by"), [("tea.doc", ""), ("tea.odt", " by Ann"), ("tea.rtf", " by Ann")]
)
def test_a_text_document_keeps_everything_in_order(name: str, by: str) -> None:
    assert parsing.parse(FILES / name, name).text == TEXT.format(by=by)


@pytest.mark.parametrize("name", ["tea.xls", "tea.ods"])
def test_a_workbook_has_displayed_values_and_no_hidden_sheets(name: str) -> None:
    parsed = parsing.parse(FILES / name, name)
    assert parsed.text.startswith(SHEET)
    assert "From India" in parsed.text
    assert "secret" not in parsed.text
    assert parsed.warnings == ("The hidden sheet 'Hidden' was not read.",)


@pytest.mark.parametrize("name", ["tea.pptx", "tea.odp"])
def test_slides_have_titles_lists_tables_notes_and_charts(name: str) -> None:
    parsed = parsing.parse(FILES / name, name)
    assert parsed.text.startswith(
        "# Tea & Co\n\n- Green <tea>\n- Black tea\n\nNotes: Say hello first."
    )
    assert TABLE in parsed.text
    assert "|  | Cups |\n| --- | --- |\n| 2025 | 3 |\n| 2026 | 4 |" in parsed.text
    assert [page.number for page in parsed.pages] == [1, 2]


def test_old_slides_have_titles_tables_and_notes(put: Put) -> None:
    content = lzma.decompress((FILES / "tea.ppt.xz").read_bytes())
    parsed = parsing.parse(put("tea.ppt", content), "tea.ppt")
    assert parsed.text == (
        "# Tea & Co\n\nGreen <tea>\nBlack tea\n\nNotes: Say hello first.\n\n" + TABLE
    )


NOTES_BODY = bytes.fromhex("0000c30b08000000 010000000c000000")
"""The placeholder of the notes of a PPT file: record type, length, position and kind."""
FOOTER = bytes.fromhex("0000c30b08000000 0100000009000000")
FOOTER_OF_2007 = bytes.fromhex("0000200408000000 0900000000000000")
TEXT_BOX = bytes.fromhex("0000c40b08000000 0000000000000000")


@pytest.mark.parametrize(
    ("placeholder", "text"),
    [
        (NOTES_BODY, "Notes: Say hello first."),
        (TEXT_BOX, "Notes: Say hello first."),
        (FOOTER, ""),
        (FOOTER_OF_2007, ""),
    ],
)
def test_notes_of_old_slides_have_text_boxes_but_no_footers(
    put: Put, placeholder: bytes, text: str
) -> None:
    content = lzma.decompress((FILES / "tea.ppt.xz").read_bytes())
    content = content.replace(NOTES_BODY, placeholder, 1)
    parsed = parsing.parse(put("tea.ppt", content), "tea.ppt")
    assert parsed.text.split("\n\n")[2] == (text or "# Prices")


def test_the_footer_of_the_notes_of_old_slides_occurs_once(put: Put) -> None:
    content = lzma.decompress((FILES / "tea.ppt.xz").read_bytes())
    of_slide = bytes.fromhex("f103080000000001000003000000")
    of_no_slide = bytes.fromhex("f103080000000000000003000000")
    content = content.replace(of_slide, of_no_slide)
    content = content.replace(NOTES_BODY, FOOTER, 1)
    parsed = parsing.parse(put("tea.ppt", content), "tea.ppt")
    assert parsed.text.endswith(f"{TABLE}\n\nSay hello first.")


def test_a_doc_file_may_contain_rtf_html_or_docx(put: Put) -> None:
    for content, text in (
        ((FILES / "tea.rtf").read_bytes(), "Green tea < black tea"),
        (b"<html><body><p>Web &amp; tea</p></body></html>", "Web & tea"),
        (make_files.word([("Tea", "Word")]), "# Tea\n\nWord"),
        (b"Plain text", "Plain text"),
    ):
        assert text in parsing.parse(put("a.doc", content), "a.doc").text
    table = b"<table><tr><td>a</td><td>1</td></tr><tr><td>b</td><td>2</td></tr></table>"
    assert "| b | 2 |" in parsing.parse(put("a.xls", table), "a.xls").text
    assert "| b | 2 |" in parsing.parse(put("a.xls", b"a;1\nb;2\n"), "a.xls").text


def test_old_office_files_with_another_content_are_rejected(put: Put) -> None:
    word = (FILES / "tea.doc").read_bytes()
    with pytest.raises(MismatchedType, match="contains a Word document"):
        parsing.parse(put("a.xls", word), "a.xls")
    with pytest.raises(NotText):
        parsing.parse(put("a.ppt", b"words"), "a.ppt")
    with pytest.raises(BrokenFile, match="is damaged"):
        parsing.parse(put("a.doc", word[:3000]), "a.doc")


def test_an_encrypted_opendocument_file_is_reported_as_encrypted(put: Put) -> None:
    manifest = (
        b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:'
        b'manifest:1.0"><manifest:file-entry manifest:full-path="content.xml">'
        b"<manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
    )
    members = {"META-INF/manifest.xml": manifest, "content.xml": b"\x8f\x01\xff"}
    with pytest.raises(EncryptedFile, match="is encrypted"):
        parsing.parse(put("a.odt", make_files.archive(members)), "a.odt")
