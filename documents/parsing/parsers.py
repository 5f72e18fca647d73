"""The table of suffixes and their parsers, from which all lists of supported types follow.

A parser is imported when the first file of its type is parsed, because only the process
that parses a file needs it.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from documents.errors import UnsupportedType
from documents.ocr.messages import Recognize
from documents.parsing import captions, figures, image_text
from documents.parsing.parsed_document import ParsedDocument


class Parser(Protocol):
    """Function that parses a checked file. Raises documents.errors.Unreadable."""

    def __call__(self, path: Path, name: str, *, password: str) -> ParsedDocument: ...


class ScanParser(Protocol):
    """A parser of files that may be scans. `ocr` reads them; None if nothing can."""

    def __call__(
        self, path: Path, name: str, *, password: str, ocr: Recognize | None
    ) -> ParsedDocument: ...


class ResultParser(Protocol):
    """Function that parses the result of a service. Raises ParserFailed."""

    def __call__(self, path: Path, name: str) -> ParsedDocument: ...


GROUPS: dict[str, dict[str, tuple[str, ...]]] = {
    "PDF": {"pdf.pdf_parser:parse": (".pdf",)},
    "Images": {
        "image_file:parse": (
            *(".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"),
        ),
    },
    "Word processing": {
        "office.docx:parse": (".docx", ".docm", ".dotx"),
        "office.by_content:parse": (".doc", ".dot"),
        "office.odf:parse": (".odt", ".ott"),
        "office.rtf:parse": (".rtf",),
    },
    "Presentations": {
        "office.pptx:parse": (".pptx", ".pptm", ".ppsx"),
        "office.by_content:parse": (".ppt", ".pps"),
        "office.odf:parse": (".odp",),
    },
    "Spreadsheets and tables": {
        "office.xlsx:parse": (".xlsx", ".xlsm"),
        "office.by_content:parse": (".xls",),
        "office.odf:parse": (".ods",),
        "markup.delimited:parse": (".csv", ".tsv"),
    },
    "Web pages and e-books": {
        "markup.html:parse": (".html", ".htm", ".xhtml"),
        "markup.mail:parse": (".mht", ".mhtml"),
        "markup.epub:parse": (".epub",),
        "markup.xml:parse": (".xml",),
        "svg:parse": (".svg",),
    },
    "Mail": {
        "markup.mail:parse": (".eml",),
        "markup.mail:parse_mailbox": (".mbox",),
        "markup.outlook:parse": (".msg",),
    },
    "Notes and texts": {
        "text_file:parse": (".txt", ".md", ".mdx", ".markdown", ".rst", ".log"),
        "markup.source_code:parse_org": (".org",),
        "markup.tex:parse": (".tex",),
        "markup.notebook:parse": (".ipynb",),
        "textpack:parse": (".textpack",),
    },
    "Data and configuration": {
        "text_file:parse": (
            *(".json", ".jsonl", ".yaml", ".yml", ".toml", ".conf", ".ini"),
            ".properties",
        ),
    },
    "Source code": {
        "markup.source_code:parse": (
            *(".bat", ".c", ".cpp", ".cs", ".css", ".go", ".h", ".hpp", ".java", ".js"),
            *(".jsx", ".kt", ".less", ".php", ".py", ".rb", ".rs", ".scala", ".scss"),
            *(".sh", ".sql", ".swift", ".ts", ".tsx"),
        ),
    },
}
"""By group of types, as documented: the parsers as `module:function`, and their suffixes."""
PARSERS: dict[str, str] = {
    suffix: parser
    for parsers in GROUPS.values()
    for parser, suffixes in parsers.items()
    for suffix in suffixes
}
SCAN_PARSERS = frozenset({"pdf.pdf_parser:parse", "image_file:parse"})
"""The parsers that are `ScanParser`s."""
WITH_SCANS = (
    *("office.", "markup.mail:", "markup.outlook:", "markup.html:", "markup.epub:"),
)
"""The parsers of documents in which an image may be a scanned page."""
SUPPORTED = tuple(sorted(PARSERS))


def check_suffix(suffix: str) -> None:
    """Raise UnsupportedType, with LightRAG's message, unless the suffix has a parser."""
    if suffix not in PARSERS:
        raise UnsupportedType(f"Unsupported file type. Supported types: {SUPPORTED}")


def parser_of(suffix: str) -> ScanParser:
    """Import and return the parser of a suffix. Raises UnsupportedType."""
    check_suffix(suffix)
    module, _, function = PARSERS[suffix].partition(":")
    parser = getattr(import_module(f"documents.parsing.{module}"), function)
    if PARSERS[suffix] in SCAN_PARSERS:
        return cast("ScanParser", parser)
    has_scans = PARSERS[suffix].startswith(WITH_SCANS)
    return _with_images(cast("Parser", parser), read_text=has_scans)


def result_parser(service: str) -> ResultParser:
    """Import and return the parser of the results of a service."""
    module = import_module(f"documents.parsing.services.{service}")
    return cast("ResultParser", module.parse)


def _with_images(parser: Parser, *, read_text: bool) -> ScanParser:
    """Return a parser that also finds captions, and the text of images if `read_text`."""

    def parse(
        path: Path, name: str, *, password: str, ocr: Recognize | None
    ) -> ParsedDocument:
        parsed = parser(path, name, password=password)
        parsed = captions.add(figures.without_vector_images(parsed))
        return image_text.add(parsed, ocr if read_text else None)

    return parse
