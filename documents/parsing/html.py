"""HTML files: detect the encoding, then convert to Markdown with kreuzberg."""

from __future__ import annotations

import tempfile
from pathlib import Path

from documents.parsing import kreuzberg_parser, text_file
from documents.parsing.parsed_document import ParsedDocument


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the page as Markdown. Raises NotText, BrokenFile or ParserFailed.

    kreuzberg decodes every page as UTF-8, so the page is converted to UTF-8 first.
    """
    text = text_file.decode(path.read_bytes(), name)
    with tempfile.NamedTemporaryFile(suffix=".html") as page:
        page.write(text.encode(errors="replace"))
        page.flush()
        return kreuzberg_parser.parse(Path(page.name), name, password=password)
