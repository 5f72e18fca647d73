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
    assert parsed.engine == "kreuzberg"
    assert [page.number for page in parsed.pages] == [1, 2]
    first, second = (parsed.text[page.start : page.end] for page in parsed.pages)
    assert first.startswith("# First chapter\n\n")
    assert first.endswith("alpha")
    assert second.startswith("# Second chapter")
    assert second.endswith("omega")


def test_a_word_file_keeps_headings_pages_and_tables(put: Put) -> None:
    made = make_files.word(TWO_PAGES, table=[["Name", "Age"], ["Ann|Bo", "two\nlines"]])
    parsed = parsing.parse(put("a.docx", made), "a.docx")
    assert [page.number for page in parsed.pages] == [1, 2]
    second = parsed.pages[1]
    assert parsed.text[second.start : second.end].startswith("## Second chapter")
    assert "| Name | Age |\n| --- | --- |\n| Ann\\|Bo | two lines |" in parsed.text


def test_a_spreadsheet_becomes_a_table_under_its_sheets_name(put: Put) -> None:
    made = make_files.archive(make_files.SPREADSHEET)
    parsed = parsing.parse(put("a.xlsx", made), "a.xlsx")
    assert parsed.text.startswith("## Prices\n\n| Tea | 42")


def test_a_web_page_gives_its_text_in_its_own_encoding(put: Put) -> None:
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


def test_a_textpack_gives_the_markdown_within(put: Put) -> None:
    made = make_files.archive({"n.textbundle/text.md": b"# Tea\n\nGreen."})
    parsed = parsing.parse(put("n.textpack", made), "n.textpack")
    assert (parsed.text, parsed.markdown) == ("# Tea\n\nGreen.", True)


@pytest.mark.parametrize(
    ("name", "markdown"), [("a.md", True), ("a.txt", False), ("a.py", False)]
)
def test_only_markdown_files_are_markdown(
    put: Put, name: str, *, markdown: bool
) -> None:
    parsed = parsing.parse(put(name, b"# Tea\r\n\r\nGreen."), name)
    assert (parsed.text, parsed.markdown) == ("# Tea\n\nGreen.", markdown)


def test_a_text_handed_in_is_cleaned_and_typed_by_its_name() -> None:
    parsed = parsing.plain_text(" # Tea\x00\r\n ", "notes.md")
    assert (parsed.text, parsed.markdown) == ("# Tea", True)


@pytest.mark.parametrize("name", ["a.txt", "a.pdf", "a.docx", "a.md"])
def test_an_empty_file_is_called_empty(put: Put, name: str) -> None:
    with pytest.raises(EmptyDocument, match=f"'{name}' is empty"):
        parsing.parse(put(name, b""), name)


@pytest.mark.parametrize("content", [b" \n\t\n ", b"\xef\xbb\xbf\r\n", b"\x00"])
def test_a_file_of_blanks_holds_no_text(put: Put, content: bytes) -> None:
    with pytest.raises((EmptyDocument, NotText)):
        parsing.parse(put("a.txt", content), "a.txt")


def test_a_pdf_of_no_words_says_that_it_may_be_a_scan(put: Put) -> None:
    blank = make_files.pdf([("", "")])
    with pytest.raises(EmptyDocument, match="OCR"):
        parsing.parse(put("a.pdf", blank), "a.pdf")


def test_an_encrypted_pdf_names_the_setting_that_opens_it(put: Put) -> None:
    path = put("a.pdf", make_files.pdf(TWO_PAGES, password="secret"))
    with pytest.raises(EncryptedFile, match="PDF_DECRYPT_PASSWORD"):
        parsing.parse(path, "a.pdf")
    with pytest.raises(EncryptedFile):
        parsing.parse(path, "a.pdf", password="wrong")
    assert "omega" in parsing.parse(path, "a.pdf", password="secret").text


def test_a_broken_pdf_is_called_damaged(put: Put) -> None:
    with pytest.raises(BrokenFile, match=r"'a\.pdf' is damaged"):
        parsing.parse(put("a.pdf", make_files.pdf(TWO_PAGES)[:600]), "a.pdf")


def test_a_torn_word_file_is_called_damaged(put: Put) -> None:
    with pytest.raises(BrokenFile, match=r"'a\.docx' is damaged"):
        parsing.parse(put("a.docx", make_files.word(TWO_PAGES)[:-300]), "a.docx")


def test_a_word_file_whose_xml_is_broken_is_called_damaged(put: Put) -> None:
    made = make_files.archive({"word/document.xml": b"<w:document"})
    with pytest.raises(BrokenFile):
        parsing.parse(put("a.docx", made), "a.docx")


def test_entities_that_explode_in_a_word_file_do_not(put: Put) -> None:
    lines = [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)]
    bomb = f'<!DOCTYPE x [<!ENTITY a0 "lol">{"".join(lines)}]>'
    body = f'<?xml version="1.0"?>{bomb}<w:document xmlns:w="http://schemas.openxml'
    body += 'formats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&a11;'
    body += "</w:t></w:r></w:p></w:body></w:document>"
    made = make_files.archive({"word/document.xml": body.encode()})
    with pytest.raises((BrokenFile, EmptyDocument)):
        parsing.parse(put("a.docx", made), "a.docx")


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
def test_no_xml_of_any_format_explodes_or_brings_in_other_files(
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
        made = make_files.archive({MEMBERS[name]: xml.encode()})
        try:
            text = parsing.parse(put(name, made), name).text
        except (BrokenFile, EmptyDocument):
            continue
        assert "swordfish" not in text
        assert len(text) < 1000


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.docx", make_files.pdf(TWO_PAGES), "holds a PDF"),
        ("a.pdf", make_files.word(TWO_PAGES), "holds a ZIP archive"),
        ("a.pdf", b"just words", "holds something else"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "before 2007"),
        (
            "a.docx",
            make_files.archive({"a.txt": b"x"}),
            r"word/document\.xml is missing",
        ),
        ("a.xlsx", make_files.word(TWO_PAGES), r"xl/workbook\.xml is missing"),
        ("a.rtf", b"just words", "holds something else"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    put: Put, name: str, content: bytes, kind: str
) -> None:
    with pytest.raises(MismatchedType, match=kind):
        parsing.parse(put(name, content), name)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (make_files.pdf(TWO_PAGES), "is a PDF, not text"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "is a PNG image, not text"),
        (bytes(range(256)) * 20, "not text in any encoding"),
    ],
)
def test_a_picture_named_txt_is_not_text(put: Put, content: bytes, kind: str) -> None:
    with pytest.raises(NotText, match=kind):
        parsing.parse(put("a.txt", content), "a.txt")


def test_an_encrypted_office_file_is_called_encrypted(put: Put) -> None:
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode(
        "utf-16-le"
    )
    with pytest.raises(EncryptedFile):
        parsing.parse(put("a.docx", content), "a.docx")


def test_a_suffix_nobody_reads_is_unsupported_in_upstreams_words(
    tmp_path: Path,
) -> None:
    with pytest.raises(UnsupportedType, match=r"Supported types: \('\.bat', '\.c'"):
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
def test_text_is_read_in_the_encoding_it_is_in(
    put: Put, content: bytes, text: str | None
) -> None:
    parsed = parsing.parse(put("a.txt", content), "a.txt")
    if text is None:
        assert "Straße" in parsed.text or "繁體中文" in parsed.text
    else:
        assert parsed.text == text


def test_a_stored_file_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match="is gone"):
        parsing.parse(tmp_path / "a.txt", "a.txt")
