"""Checks that the content of a file matches its suffix."""

from __future__ import annotations

from pathlib import Path

from documents.errors import EncryptedFile, MismatchedType, NotText
from documents.parsing import zip_checks

HEAD_BYTES = 4096
"""Number of bytes that are compared with the signatures."""

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SIGNATURES = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a ZIP archive",
    OLE: "an Office file of a version before 2007",
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
PRINTABLE_FORMATS = frozenset({b"%PDF-", b"{\\rtf"})
"""Signatures of formats that may consist of printable characters only."""
_JPEG, _TIFF = (b"\xff\xd8\xff",), (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
IMAGE_SIGNATURES: dict[str, tuple[bytes, ...]] = {
    ".png": (b"\x89PNG",),
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".gif": (b"GIF8",),
    ".webp": (b"RIFF",),
    ".bmp": (b"BM",),
}
REQUIRED_MEMBERS = {
    **dict.fromkeys((".docx", ".docm", ".dotx"), "word/document.xml"),
    **dict.fromkeys((".pptx", ".pptm", ".ppsx"), "ppt/presentation.xml"),
    **dict.fromkeys((".xlsx", ".xlsm"), "xl/workbook.xml"),
    **dict.fromkeys((".odt", ".ott", ".ods", ".odp"), "content.xml"),
    ".epub": "META-INF/container.xml",
    ".textpack": "",
}
"""The member that an archive with this suffix must have."""
CHECKED_BY_PARSER = frozenset({".doc", ".dot", ".xls", ".ppt", ".pps", ".mbox"})
"""Suffixes whose files may have several formats."""


def check(path: Path, name: str, suffix: str) -> None:
    """Raise an error if the content of the file does not match its suffix.

    Raises MismatchedType, EncryptedFile, NotText, BrokenFile or ArchiveTooLarge; the
    message contains `name`.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if suffix in REQUIRED_MEMBERS:
        _check_archive(path, name, suffix, head)
    elif suffix == ".pdf":
        _expect(b"%PDF-" in head[:1024], name, suffix, head)
    elif suffix in IMAGE_SIGNATURES:
        _expect(head.startswith(IMAGE_SIGNATURES[suffix]), name, suffix, head)
    elif suffix == ".rtf":
        _expect(head.lstrip().startswith(b"{\\rtf"), name, suffix, head)
    elif suffix == ".msg":
        _expect(head.startswith(OLE), name, suffix, head)
    elif suffix in CHECKED_BY_PARSER:
        return
    elif (kind := _kind(head)) is not None:
        raise NotText(f"'{name}' is {kind}, not text.")


def _check_archive(path: Path, name: str, suffix: str, head: bytes) -> None:
    if head.startswith(OLE) and _is_encrypted_office(path):
        raise EncryptedFile(f"'{name}' is encrypted. Upload it without a password.")
    _expect(head.startswith(b"PK"), name, suffix, head)
    members = zip_checks.check(path, name)
    if REQUIRED_MEMBERS[suffix] and REQUIRED_MEMBERS[suffix] not in members:
        raise MismatchedType(
            f"'{name}' is a ZIP archive but not a {suffix} document: "
            f"{REQUIRED_MEMBERS[suffix]} is missing."
        )


def _is_encrypted_office(path: Path) -> bool:
    """Return whether an OLE file has the stream that holds an encrypted document."""
    return "EncryptedPackage".encode("utf-16-le") in path.read_bytes()


def _expect(matches: bool, name: str, suffix: str, head: bytes) -> None:  # noqa: FBT001
    if not matches:
        kind = _kind(head) or "another format"
        raise MismatchedType(f"'{name}' has the suffix {suffix} but contains {kind}.")


def _kind(head: bytes) -> str | None:
    """Return the name of a binary format, or None for text and unknown formats.

    A text may begin with a signature such as "ID3" or "MZ", but contains no NUL.
    """
    for signature, kind in SIGNATURES.items():
        if head.startswith(signature) and (
            signature in PRINTABLE_FORMATS or b"\0" in head
        ):
            return kind
    return None
