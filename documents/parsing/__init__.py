"""Files in, text out. The parser is chosen by suffix, after the content was checked."""

from __future__ import annotations

from pathlib import Path

from documents.errors import EmptyDocument, MissingFile
from documents.parsing import content_checks, parsers, text_cleaning, text_file
from documents.parsing.parsed_document import PageSpan, ParsedDocument

__all__ = ["PageSpan", "ParsedDocument", "parse", "plain_text"]


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """The text of the file at `path`, which goes by `name`.

    Raises UnsupportedType or one of documents.errors.Unreadable; each message names the
    file and says what can be done. Up to 10 minutes for the worst file.
    """
    suffix = Path(name).suffix.lower()
    read = parsers.parser_of(suffix)
    if not path.is_file():
        raise MissingFile(f"The file of '{name}' is gone. Upload it again.")
    if path.stat().st_size == 0:
        raise EmptyDocument(f"'{name}' is empty.")
    content_checks.check(path, name, suffix)
    parsed = read(path, name, password=password)
    if not parsed.text:
        raise EmptyDocument(
            f"'{name}' holds no text. If it is a scan, run it through OCR first."
        )
    return parsed


def plain_text(text: str, name: str = "") -> ParsedDocument:
    """A text that was handed in as such; `name` says whether it is Markdown."""
    markdown = Path(name).suffix.lower() in text_file.MARKDOWN
    return ParsedDocument(text_cleaning.clean(text).strip(), markdown=markdown)
