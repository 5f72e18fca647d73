"""TextPack files: a ZIP archive of a Markdown text and its images (textbundle.org)."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from documents.errors import BrokenFile
from documents.parsing import text_cleaning, text_file
from documents.parsing.parsed_document import ParsedDocument

_TEXT = re.compile(r"(?:[^/]+\.textbundle/)?text\.(?:md|markdown|txt)")


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the text without the images. Raises BrokenFile or NotText."""
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.namelist() if _TEXT.fullmatch(member)]
        if not members:
            raise BrokenFile(f"'{name}' is not a TextPack: it contains no text.md.")
        data = _read(archive, members[0], name)
    text = text_cleaning.clean(text_file.decode(data, name)).strip()
    return ParsedDocument(text, markdown=True, engine="textpack")


def _read(archive: zipfile.ZipFile, member: str, name: str) -> bytes:
    try:
        return archive.read(member)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError) as error:
        raise BrokenFile(f"'{name}' is damaged: {error}.") from error
