"""Parsing: the text of a file, by the parser of its suffix, which the content must match."""

from __future__ import annotations

from pathlib import Path

from documents.errors import BrokenFile, EmptyDocument, MissingFile
from documents.ocr.messages import Recognize
from documents.parsing import (
    content_checks,
    parsers,
    text_cleaning,
    text_file,
)
from documents.parsing.parsed_document import PageSpan, ParsedDocument

__all__ = ["PageSpan", "ParsedDocument", "parse", "plain_text", "service_result"]


def parse(
    path: Path,
    name: str,
    *,
    password: str = "",
    ocr: Recognize | None = None,
    images_suffice: bool = False,
) -> ParsedDocument:
    """Return the text of the file at `path`; `name` is the document's name.

    `ocr` recognizes the text of scanned pages, image files and images in documents, which
    may take minutes. With `images_suffice`, a file with images may have no text. Raises
    UnsupportedType or a subclass of Unreadable.
    """
    suffix = Path(name).suffix.lower()
    parser = parsers.parser_of(suffix)
    if not path.is_file():
        raise MissingFile(f"The file of '{name}' no longer exists. Upload it again.")
    if path.stat().st_size == 0:
        raise EmptyDocument(f"'{name}' is empty.")
    content_checks.check(path, name, suffix)
    try:
        parsed = parser(path, name, password=password, ocr=ocr)
    except RecursionError as error:
        raise BrokenFile(f"'{name}' is nested too deeply to be parsed.") from error
    return _checked(parsed, name, images_suffice=images_suffice)


def service_result(
    path: Path, name: str, service: str, *, images_suffice: bool = False
) -> ParsedDocument:
    """Return the document of a stored result of a service.

    Raises ParserFailed or EmptyDocument.
    """
    parsed = parsers.result_parser(service)(path, name)
    return _checked(parsed, name, images_suffice=images_suffice)


def plain_text(text: str, name: str = "") -> ParsedDocument:
    """Return an uploaded text; it is Markdown if the suffix of `name` is."""
    markdown = Path(name).suffix.lower() in text_file.MARKDOWN
    return ParsedDocument(text_cleaning.clean(text).strip(), markdown=markdown)


def _checked(
    parsed: ParsedDocument, name: str, *, images_suffice: bool
) -> ParsedDocument:
    if not parsed.text and not (images_suffice and parsed.images):
        raise EmptyDocument(_without_text(name, parsed))
    return parsed


def _without_text(name: str, parsed: ParsedDocument) -> str:
    count = len(parsed.images)
    images = f"{count} images" if count > 1 else "an image"
    what = f"contains {images} but" if count else "contains"
    reason = " ".join(parsed.warnings)
    return f"'{name}' {what} no text. {reason}".strip()
