"""Files inside of office files, as attachments."""

from __future__ import annotations

import io
import posixpath
import struct
from collections.abc import Iterator

import olefile

from documents.parsing.office.package import Package
from documents.parsing.parsed_document import Attachment

_STREAMS = {
    "WordDocument": ".doc",
    "Workbook": ".xls",
    "Book": ".xls",
    "PowerPoint Document": ".ppt",
    "__properties_version1.0": ".msg",
}
"""Streams of an OLE file, and the suffix of the formats that have them."""
_SIGNATURES = {
    b"%PDF-": ".pdf",
    b"\x89PNG": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"{\\rtf": ".rtf",
}


def of_package(package: Package, folder: str) -> Iterator[Attachment]:
    """Yield the files in `<folder>/embeddings/`, without the workbooks of charts."""
    charts = {
        target.lower()
        for part in package.members
        if "/charts/" in part and not part.endswith(".rels")
        for target in package.related(part, "package")
    }
    for part in sorted(package.members):
        if part.startswith(f"{folder}/embeddings/") and part not in charts:
            yield from of_object(package.read(part), posixpath.basename(part))


def of_object(content: bytes, name: str) -> Iterator[Attachment]:
    """Yield the file that an embedded object contains; nothing if it is not a file."""
    if not content.startswith(olefile.MAGIC):
        yield Attachment(_named(name, content), content)
        return
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as ole:
            yield from _of_ole(ole, content, name)
    except (OSError, ValueError, IndexError, struct.error):
        return


def _of_ole(ole: olefile.OleFileIO, content: bytes, name: str) -> Iterator[Attachment]:
    stem = posixpath.splitext(name)[0]
    if ole.exists("\x01Ole10Native"):
        yield from _native(ole.openstream("\x01Ole10Native").read(), name)
        return
    for stream in ("Package", "CONTENTS"):
        if ole.exists(stream):
            inner = ole.openstream(stream).read()
            yield Attachment(_named(stem, inner), inner)
            return
    for stream, suffix in _STREAMS.items():
        if ole.exists(stream):
            yield Attachment(f"{stem}{suffix}", content)
            return


def of_pool(ole: olefile.OleFileIO) -> Iterator[Attachment]:
    """Yield the files that are stored as objects in an OLE file."""
    for entry in ole.listdir():
        name = f"{entry[-2].strip('_')}.bin" if len(entry) > 1 else ""
        if len(entry) < 2:
            continue
        if entry[-1] == "\x01Ole10Native":
            yield from _native(ole.openstream(entry).read(), name)
        elif entry[-1] in {"Package", "CONTENTS"}:
            content = ole.openstream(entry).read()
            yield Attachment(_named(name, content), content)


def _native(data: bytes, name: str) -> Iterator[Attachment]:
    """Yield the embedded file of an `Ole10Native` stream.

    The stream contains a label, a path, a temporary path and the content.
    """
    if len(data) < 8:
        return
    remaining = data[6:]
    label, _, remaining = remaining.partition(b"\0")
    _, _, remaining = remaining.partition(b"\0")
    if len(remaining) < 8:
        return
    length = struct.unpack_from("<I", remaining, 4)[0]
    body = remaining[8 + length :]
    if len(body) < 4:
        return
    size = struct.unpack_from("<I", body)[0]
    content = body[4 : 4 + size]
    base = posixpath.basename(label.decode("cp1252", "replace").replace("\\", "/"))
    if content:
        yield Attachment(base or _named(name, content), content)


def _named(name: str, content: bytes) -> str:
    """Return the name with a suffix that fits the content."""
    stem, suffix = posixpath.splitext(name)
    if suffix and suffix != ".bin":
        return name
    for signature, kind in _SIGNATURES.items():
        if content.startswith(signature):
            return f"{stem}{kind}"
    if content.startswith(b"PK"):
        for marker, kind in (
            (b"word/", ".docx"),
            (b"xl/", ".xlsx"),
            (b"ppt/", ".pptx"),
        ):
            if marker in content:
                return f"{stem}{kind}"
    return name
