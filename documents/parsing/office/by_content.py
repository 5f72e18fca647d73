"""Files of Office versions before 2007, parsed by what they contain.

Many programs save RTF, HTML or text under the suffixes .doc and .xls, and Office opens it.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import olefile

from documents.errors import BrokenFile, EncryptedFile, MismatchedType, NotText
from documents.parsing.parsed_document import ParsedDocument

_STREAMS = {
    "WordDocument": ("doc", "a Word document"),
    "Workbook": ("xls", "an Excel workbook"),
    "Book": ("xls", "an Excel workbook"),
    "PowerPoint Document": ("ppt", "a PowerPoint presentation"),
    "__properties_version1.0": ("msg", "an Outlook message"),
}
"""By the main stream of a format: the names of its parser and of the format."""
_FAMILIES = {".doc": "doc", ".dot": "doc", ".xls": "xls", ".ppt": "ppt", ".pps": "ppt"}
_OPEN_XML = {"doc": "docx", "xls": "xlsx", "ppt": "pptx"}
_WORD_BEFORE_6 = (b"\xdb\xa5", b"\x9b\xa5", b"\x31\xbe")
_EXCEL_RECORDS = (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the text. Raises MismatchedType, EncryptedFile, NotText or BrokenFile."""
    suffix = Path(name).suffix.lower()
    family = _FAMILIES[suffix]
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(olefile.MAGIC):
        module = _ole_parser(path, name, suffix, family)
    elif head.startswith(b"PK"):
        module = f"office.{_OPEN_XML[family]}"
    elif family == "xls" and head.startswith(_EXCEL_RECORDS):
        module = "office.xls"
    else:
        module = _text_parser(head, name, family)
    parsed: ParsedDocument = import_module(f"documents.parsing.{module}").parse(
        path, name, password=password
    )
    return parsed


def _ole_parser(path: Path, name: str, suffix: str, family: str) -> str:
    try:
        with olefile.OleFileIO(str(path)) as ole:
            streams = {entry[0].lower() for entry in ole.listdir()}
    except (OSError, ValueError, IndexError) as error:
        raise BrokenFile(f"'{name}' is damaged: {error}.") from error
    if "encryptedpackage" in streams:
        raise EncryptedFile(f"'{name}' is encrypted. Upload it without a password.")
    for stream, (parser, kind) in _STREAMS.items():
        if stream.lower() in streams:
            if parser != family:
                raise MismatchedType(
                    f"'{name}' has the suffix {suffix} but contains {kind}."
                )
            return f"office.{parser}"
    raise BrokenFile(f"'{name}' is damaged: its main stream is missing.")


def _text_parser(head: bytes, name: str, family: str) -> str:
    if head.lstrip().startswith(b"{\\rtf"):
        return "office.rtf"
    if head.startswith(_WORD_BEFORE_6):
        raise MismatchedType(
            f"'{name}' was written by Word before version 6. Save it as .docx."
        )
    if b"\0" in head or family == "ppt":
        raise NotText(f"'{name}' is neither an Office file nor text.")
    if b"<html" in head.lower() or b"<table" in head.lower():
        return "markup.html"
    return "text_file" if family == "doc" else "markup.delimited"
