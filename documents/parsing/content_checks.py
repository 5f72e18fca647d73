"""Checks that the content of a file matches its suffix."""

from __future__ import annotations

from pathlib import Path

from documents.errors import EncryptedFile, MismatchedType, NotText
from documents.parsing import zip_checks

HEAD_BYTES = 4096

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SIGNATURES = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a ZIP archive",
    OLE: "an Office file of before 2007",
    b"{\\rtf": "an RTF document",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"\x7fELF": "a program",
    b"MZ\x90\x00": "a program",
    b"SQLite format 3\x00": "a SQLite database",
    b"RIFF": "an audio or video file",
    b"OggS": "an audio or video file",
    b"ID3": "an audio or video file",
}
READABLE = frozenset({b"%PDF-", b"{\\rtf"})
"""What no text begins with, though it may look like one throughout."""
MEMBERS = {
    ".docx": "word/document.xml",
    ".pptx": "ppt/presentation.xml",
    ".xlsx": "xl/workbook.xml",
    ".odt": "content.xml",
    ".ods": "content.xml",
    ".epub": "META-INF/container.xml",
    ".textpack": "",
}
"""What must be inside an archive that goes by this suffix."""


def check(path: Path, name: str, suffix: str) -> None:
    """Does `path` hold what `suffix` says?

    Raises MismatchedType, EncryptedFile, NotText, BrokenFile or ExplodingArchive, with
    `name` in the message.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if suffix in MEMBERS:
        _check_archive(path, name, suffix, head)
    elif suffix == ".pdf":
        _expect(b"%PDF-" in head[:1024], name, suffix, head)
    elif suffix == ".rtf":
        _expect(head.lstrip().startswith(b"{\\rtf"), name, suffix, head)
    elif (kind := _kind(head)) is not None:
        raise NotText(f"'{name}' is {kind}, not text.")


def _check_archive(path: Path, name: str, suffix: str, head: bytes) -> None:
    if head.startswith(OLE) and _is_encrypted_office(path):
        raise EncryptedFile(f"'{name}' is encrypted. Upload it without a password.")
    _expect(head.startswith(b"PK"), name, suffix, head)
    members = zip_checks.check(path, name)
    if MEMBERS[suffix] and MEMBERS[suffix] not in members:
        raise MismatchedType(
            f"'{name}' is a ZIP archive but no {suffix} document: "
            f"{MEMBERS[suffix]} is missing."
        )


def _is_encrypted_office(path: Path) -> bool:
    """Office wraps an encrypted file in the old container, in a stream of this name."""
    return "EncryptedPackage".encode("utf-16-le") in path.read_bytes()


def _expect(good: bool, name: str, suffix: str, head: bytes) -> None:  # noqa: FBT001
    if not good:
        kind = _kind(head) or "something else"
        raise MismatchedType(f"'{name}' is named {suffix} but holds {kind}.")


def _kind(head: bytes) -> str | None:
    """The name of a binary format; None for text and what we do not know.

    A text may well begin with "ID3" or "MZ", but holds no NUL.
    """
    for signature, kind in SIGNATURES.items():
        if head.startswith(signature) and (signature in READABLE or b"\0" in head):
            return kind
    return None
