from __future__ import annotations

from pathlib import Path

import pytest

from documents import parsing
from documents.errors import (
    BrokenFile,
    EmptyDocument,
    EncryptedFile,
    MismatchedType,
    MissingFile,
    NotText,
    UnsupportedType,
)
from tests.documents import make_files
from tests.documents.conftest import Put

FOX = "The quick brown fox jumps over the lazy dog. " * 10
TWO_PAGES = [("First chapter", FOX + "alpha"), ("Second chapter", FOX + "omega")]


def test_a_pdf_keeps_its_headings_and_its_pages(put: Put) -> None:
    parsed = parsing.parse(put("a.pdf", make_files.pdf(TWO_PAGES)), "a.pdf")
    assert parsed.markdown
    assert parsed.engine == "pdfium"
    assert [page.number for page in parsed.pages] == [1, 2]
    first, second = (parsed.text[page.start : page.end] for page in parsed.pages)
    assert first.startswith("# First chapter\n\n")
    assert first.endswith("alpha")
    assert second.startswith("# Second chapter")
    assert second.endswith("omega")


def test_a_word_file_keeps_headings_pages_and_tables(put: Put) -> None:
    content = make_files.word(
        TWO_PAGES, table=[["Name", "Age"], ["Ann|Bo", "two\nlines"]]
    )
    parsed = parsing.parse(put("a.docx", content), "a.docx")
    assert [page.number for page in parsed.pages] == [1, 2]
    second = parsed.pages[1]
    assert parsed.text[second.start : second.end].startswith("## Second chapter")
    assert "| Name | Age |\n| --- | --- |\n| Ann|Bo | two lines |" in parsed.text


def test_a_spreadsheet_becomes_a_table_below_the_name_of_the_sheet(put: Put) -> None:
    content = make_files.archive(make_files.SPREADSHEET)
    parsed = parsing.parse(put("a.xlsx", content), "a.xlsx")
    assert parsed.text.startswith("## Prices\n\nTea | 42")


def test_a_web_page_is_decoded_in_its_own_encoding(put: Put) -> None:
    page = (
        "<html><head><meta charset=big5><title>標題</title><script>x()</script></head>"
        "<body><h1>綠茶</h1><p>我們每天早上都喝一杯綠茶。</p>"
        '<img alt="圖" src="data:image/png;base64,AAAA"></body></html>'
    )
    parsed = parsing.parse(put("a.html", page.encode("big5")), "a.html")
    assert "# 綠茶\n\n我們每天早上都喝一杯綠茶。" in parsed.text
    assert "base64" not in parsed.text
    assert "x()" not in parsed.text
    assert "title:" not in parsed.text


def test_a_textpack_yields_its_markdown(put: Put) -> None:
    content = make_files.archive({"n.textbundle/text.md": b"# Tea\n\nGreen."})
    parsed = parsing.parse(put("n.textpack", content), "n.textpack")
    assert (parsed.text, parsed.markdown) == ("# Tea\n\nGreen.", True)


@pytest.mark.parametrize(
    ("name", "markdown"), [("a.md", True), ("a.txt", False), ("a.json", False)]
)
def test_only_markdown_files_are_markdown(
    put: Put, name: str, *, markdown: bool
) -> None:
    parsed = parsing.parse(put(name, b"# Tea\r\n\r\nGreen."), name)
    assert (parsed.text, parsed.markdown) == ("# Tea\n\nGreen.", markdown)


def test_an_uploaded_text_is_cleaned_and_typed_by_its_suffix() -> None:
    parsed = parsing.plain_text(" # Tea\x00\r\n ", "notes.md")
    assert (parsed.text, parsed.markdown) == ("# Tea", True)


@pytest.mark.parametrize("name", ["a.txt", "a.pdf", "a.docx", "a.md"])
def test_an_empty_file_raises_an_error(put: Put, name: str) -> None:
    with pytest.raises(EmptyDocument, match=f"'{name}' is empty"):
        parsing.parse(put(name, b""), name)


@pytest.mark.parametrize("content", [b" \n\t\n ", b"\xef\xbb\xbf\r\n", b"\x00"])
def test_a_file_of_whitespace_raises_an_error(put: Put, content: bytes) -> None:
    with pytest.raises((EmptyDocument, NotText)):
        parsing.parse(put("a.txt", content), "a.txt")


def test_a_pdf_without_text_raises_an_error(put: Put) -> None:
    blank = make_files.pdf([("", "")])
    with pytest.raises(EmptyDocument, match="no text"):
        parsing.parse(put("a.pdf", blank), "a.pdf")


def test_the_error_for_an_encrypted_pdf_names_the_setting(put: Put) -> None:
    path = put("a.pdf", make_files.pdf(TWO_PAGES, password="secret"))
    with pytest.raises(EncryptedFile, match="PDF_DECRYPT_PASSWORD"):
        parsing.parse(path, "a.pdf")
    with pytest.raises(EncryptedFile):
        parsing.parse(path, "a.pdf", password="wrong")
    assert "omega" in parsing.parse(path, "a.pdf", password="secret").text


def test_a_truncated_pdf_raises_an_error(put: Put) -> None:
    with pytest.raises(BrokenFile, match=r"'a\.pdf' is damaged"):
        parsing.parse(put("a.pdf", make_files.pdf(TWO_PAGES)[:600]), "a.pdf")


def test_a_truncated_word_file_raises_an_error(put: Put) -> None:
    with pytest.raises(BrokenFile, match=r"'a\.docx' is damaged"):
        parsing.parse(put("a.docx", make_files.word(TWO_PAGES)[:-300]), "a.docx")


def test_a_word_file_with_invalid_xml_raises_an_error(put: Put) -> None:
    content = make_files.archive({"word/document.xml": b"<w:document"})
    with pytest.raises(BrokenFile):
        parsing.parse(put("a.docx", content), "a.docx")


def test_nested_xml_entities_of_a_word_file_are_not_expanded(put: Put) -> None:
    lines = [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)]
    bomb = f'<!DOCTYPE x [<!ENTITY a0 "lol">{"".join(lines)}]>'
    body = f'<?xml version="1.0"?>{bomb}<w:document xmlns:w="http://schemas.openxml'
    body += 'formats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&a11;'
    body += "</w:t></w:r></w:p></w:body></w:document>"
    content = make_files.archive({"word/document.xml": body.encode()})
    with pytest.raises((BrokenFile, EmptyDocument)):
        parsing.parse(put("a.docx", content), "a.docx")


BOMB = "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "lol"}">' for n in range(12)
)
MEMBERS = {
    "a.docx": "word/document.xml",
    "a.pptx": "ppt/presentation.xml",
    "a.xlsx": "xl/workbook.xml",
    "a.odt": "content.xml",
    "a.ods": "content.xml",
    "a.epub": "META-INF/container.xml",
}


@pytest.mark.parametrize("name", MEMBERS)
def test_xml_entities_are_not_expanded_and_external_files_not_read(
    put: Put, tmp_path: Path, name: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("swordfish")
    for entities, used in (
        (BOMB, "&a11;"),
        (f'<!ENTITY s SYSTEM "file://{secret}">', "&s;"),
        (f'<!ENTITY % s SYSTEM "file://{secret}"> %s;', ""),
    ):
        xml = f'<?xml version="1.0"?><!DOCTYPE x [{entities}]><x><p>{used}</p></x>'
        content = make_files.archive({MEMBERS[name]: xml.encode()})
        try:
            text = parsing.parse(put(name, content), name).text
        except (BrokenFile, EmptyDocument):
            continue
        assert "swordfish" not in text
        assert len(text) < 1000


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.docx", make_files.pdf(TWO_PAGES), "contains a PDF"),
        ("a.pdf", make_files.word(TWO_PAGES), "contains a ZIP archive"),
        ("a.pdf", b"just words", "contains another format"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "before 2007"),
        (
            "a.docx",
            make_files.archive({"a.txt": b"x"}),
            r"word/document\.xml is missing",
        ),
        ("a.xlsx", make_files.word(TWO_PAGES), r"xl/workbook\.xml is missing"),
        ("a.rtf", b"just words", "contains another format"),
    ],
)
def test_a_file_whose_content_does_not_match_its_suffix_is_rejected(
    put: Put, name: str, content: bytes, kind: str
) -> None:
    with pytest.raises(MismatchedType, match=kind):
        parsing.parse(put(name, content), name)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (make_files.pdf(TWO_PAGES), "is a PDF, not text"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "is a PNG image, not text"),
        (bytes(range(256)) * 20, "not text in any known encoding"),
    ],
)
def test_a_binary_file_with_a_text_suffix_is_rejected(
    put: Put, content: bytes, kind: str
) -> None:
    with pytest.raises(NotText, match=kind):
        parsing.parse(put("a.txt", content), "a.txt")


def test_an_encrypted_office_file_is_rejected(put: Put) -> None:
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode(
        "utf-16-le"
    )
    with pytest.raises(EncryptedFile):
        parsing.parse(put("a.docx", content), "a.docx")


def test_an_unsupported_suffix_raises_lightrags_message(
    tmp_path: Path,
) -> None:
    with pytest.raises(
        UnsupportedType, match=r"Supported types: \('\.bat', '\.bmp', '\.c'"
    ):
        parsing.parse(tmp_path / "a.exe", "a.exe")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Grüße".encode(), "Grüße"),
        ("\ufeffGrüße".encode(), "Grüße"),
        ("Grüße an alle".encode("utf-16"), "Grüße an alle"),
        ("Der Bär läuft über die Straße und grüßt.".encode("cp1252"), None),
        ("中文測試，這是一段繁體中文的文字。我們要讀它。".encode("big5"), None),
        (b"before\x00after", "beforeafter"),
        (b"ID3 tags, and RIFF", "ID3 tags, and RIFF"),
        (
            b"some words before \xed\xa0\x80 and after",
            "some words before \ufffd and after",
        ),
        ("茶".encode() * 100 + b"\xff", "茶" * 100 + "\ufffd"),
    ],
)
def test_a_text_file_is_decoded_in_its_own_encoding(
    put: Put, content: bytes, text: str | None
) -> None:
    parsed = parsing.parse(put("a.txt", content), "a.txt")
    if text is None:
        assert "Straße" in parsed.text or "繁體中文" in parsed.text
    else:
        assert parsed.text == text


def test_a_missing_file_raises_an_error(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match="no longer exists"):
        parsing.parse(tmp_path / "a.txt", "a.txt")
