from __future__ import annotations

import pytest

from documents.errors import BrokenFile, ExplodingArchive
from documents.parsing import zip_checks
from documents.parsing.zip_checks import MIB, Limits
from tests.documents import make_files
from tests.documents.conftest import Put


def test_a_small_archive_of_blanks_is_no_bomb(put: Put) -> None:
    path = put("a.docx", make_files.archive({"word/document.xml": b" " * MIB}))
    assert zip_checks.check(path, "a.docx") == {"word/document.xml"}


def test_an_archive_that_unpacks_to_a_thousand_times_its_size_is_refused(
    put: Put,
) -> None:
    path = put("a.docx", make_files.archive({"word/document.xml": b" " * 17 * MIB}))
    with pytest.raises(ExplodingArchive, match="times its size"):
        zip_checks.check(path, "a.docx")


@pytest.mark.parametrize(
    ("limits", "reason"),
    [(Limits(uncompressed_bytes=10), "unpacks to"), (Limits(entries=1), "2 parts")],
)
def test_an_archive_over_a_limit_is_refused(
    put: Put, limits: Limits, reason: str
) -> None:
    path = put("a.docx", make_files.archive({"a": b"x" * 20, "b": b"y"}))
    with pytest.raises(ExplodingArchive, match=reason):
        zip_checks.check(path, "a.docx", limits)


def test_what_only_begins_like_an_archive_is_damaged(put: Put) -> None:
    with pytest.raises(BrokenFile, match=r"'a\.docx' is damaged"):
        zip_checks.check(put("a.docx", b"PK\x03\x04 and no more"), "a.docx")
