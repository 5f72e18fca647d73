"""Files that are damaged in ways that fuzzing has found."""

from __future__ import annotations

import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from documents import parsing
from documents.errors import BrokenFile
from documents.parse_process import child
from documents.parse_process.messages import Limits
from documents.parsing.block_text import MAX_PADDING
from tests.documents import make_files


def archive(content: bytes) -> bytes:
    return make_files.archive(
        {"[Content_Types].xml": b"<Types/>", "word/document.xml": content}
    )


def test_an_archive_whose_directory_points_before_the_file_is_damaged(
    tmp_path: Path,
) -> None:
    data = bytearray(archive(b"<a/>"))
    end = data.rindex(b"PK\x05\x06")
    offset = struct.unpack_from("<I", data, end + 16)[0]
    struct.pack_into("<I", data, end + 16, offset + 400)
    (tmp_path / "a.docx").write_bytes(data)
    with pytest.raises(BrokenFile, match=r"a\.docx"):
        parsing.parse(tmp_path / "a.docx", "a.docx")


def test_a_part_that_can_not_be_unpacked_is_damaged(tmp_path: Path) -> None:
    data = bytearray(archive(b"<a>" + bytes(range(256)) * 40 + b"</a>"))
    start = data.rindex(b"word/document.xml", 0, data.index(b"PK\x01\x02")) + 17
    data[start : start + 40] = b"\xff" * 40
    (tmp_path / "a.docx").write_bytes(data)
    with pytest.raises(BrokenFile, match=r"a\.docx"):
        parsing.parse(tmp_path / "a.docx", "a.docx")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.html", "<div>" * 100_000 + "text"),
        ("a.xml", "<a>" * 2_000 + "text" + "</a>" * 2_000),
        ("a.ipynb", '{"cells": ' + "[" * 100_000),
    ],
)
def test_deep_nesting_is_parsed_or_refused(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    try:
        assert "text" in parsing.parse(tmp_path / name, name).text
    except BrokenFile as error:
        assert name in str(error)


@pytest.fixture
def recursion_of_the_parse_process(
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    before = sys.getrecursionlimit()
    monkeypatch.setattr(child, "_limit", lambda *_: None)
    child.set_limits(Limits(10**6, 10**4, 2**30, 60))
    yield
    sys.setrecursionlimit(before)


@pytest.mark.usefixtures("recursion_of_the_parse_process")
def test_a_page_with_hundreds_of_open_elements_is_parsed(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<div>" * 600 + "text")
    assert parsing.parse(tmp_path / "a.html", "a.html").text == "text"


def test_one_long_row_does_not_lengthen_all_the_others(tmp_path: Path) -> None:
    source = ",".join("x" * 4_000) + "\n" + "a,b\n" * 4_000
    (tmp_path / "a.csv").write_text(source)
    text = parsing.parse(tmp_path / "a.csv", "a.csv").text
    assert len(text) < MAX_PADDING * 20 * len(source)
    assert "| a | b |" in text


def test_the_time_for_blanks_in_a_tex_file_is_linear(tmp_path: Path) -> None:
    (tmp_path / "a.tex").write_text(
        "\\begin{document}a" + " " * 200_000 + "b\\end{document}"
    )
    started = time.process_time()
    assert parsing.parse(tmp_path / "a.tex", "a.tex").text
    assert time.process_time() - started < 5


def test_the_time_for_elements_beside_an_environment_without_end_is_linear(
    tmp_path: Path,
) -> None:
    body = "\\begin{figure}" + "$$a$$ \\section{b} " * 20_000
    (tmp_path / "a.tex").write_text(body)
    started = time.process_time()
    assert "b" in parsing.parse(tmp_path / "a.tex", "a.tex").text
    assert time.process_time() - started < 15
