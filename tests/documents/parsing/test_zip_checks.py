from __future__ import annotations

import pytest

from documents.errors import ArchiveTooLarge, BrokenFile
from documents.parsing import zip_checks
from documents.parsing.zip_checks import MIB, Limits
from tests.documents import make_files
from tests.documents.conftest import Put


def test_a_small_archive_may_have_any_compression_ratio(put: Put) -> None:
    path = put("a.docx", make_files.archive({"word/document.xml": b" " * MIB}))
    assert zip_checks.check(path, "a.docx") == {"word/document.xml"}


def test_an_archive_with_too_high_a_compression_ratio_is_rejected(
    put: Put,
) -> None:
    path = put("a.docx", make_files.archive({"word/document.xml": b" " * 17 * MIB}))
    with pytest.raises(ArchiveTooLarge, match="times its size"):
        zip_checks.check(path, "a.docx")


@pytest.mark.parametrize(
    ("limits", "reason"),
    [(Limits(uncompressed_bytes=10), "unpacks to"), (Limits(entries=1), "2 entries")],
)
def test_an_archive_over_a_limit_is_rejected(
    put: Put, limits: Limits, reason: str
) -> None:
    path = put("a.docx", make_files.archive({"a": b"x" * 20, "b": b"y"}))
    with pytest.raises(ArchiveTooLarge, match=reason):
        zip_checks.check(path, "a.docx", limits)


def test_a_file_with_only_the_signature_of_an_archive_is_rejected(put: Put) -> None:
    with pytest.raises(BrokenFile, match=r"'a\.docx' is damaged"):
        zip_checks.check(put("a.docx", b"PK\x03\x04 and no more"), "a.docx")


def test_the_unpacked_size_is_measured_and_not_the_declared_one(put: Put) -> None:
    size = 17 * MIB
    archive = make_files.archive({"word/document.xml": b" " * size})
    wrong = archive.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert wrong != archive
    with pytest.raises(ArchiveTooLarge, match="times its size"):
        zip_checks.check(put("a.docx", wrong), "a.docx")
