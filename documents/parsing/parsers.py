"""The table of suffixes and their parsers."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from documents.errors import UnsupportedType
from documents.parsing import html, kreuzberg_parser, text_file, textpack
from documents.parsing.parsed_document import ParsedDocument


class Parser(Protocol):
    """Function that parses a checked file. Raises documents.errors.Unreadable."""

    def __call__(self, path: Path, name: str, *, password: str) -> ParsedDocument: ...


TEXT_SUFFIXES = (
    *(".txt", ".md", ".mdx", ".markdown", ".rst", ".tex", ".log", ".csv", ".tsv"),
    *(".json", ".xml", ".yaml", ".yml", ".conf", ".ini", ".properties", ".sql"),
    *(
        ".bat",
        ".sh",
        ".c",
        ".h",
        ".cpp",
        ".hpp",
        ".py",
        ".java",
        ".js",
        ".ts",
        ".swift",
    ),
    *(".go", ".rb", ".php", ".css", ".scss", ".less"),
)
KREUZBERG_SUFFIXES = (
    ".docx",
    ".pptx",
    ".xlsx",
    ".odt",
    ".ods",
    ".epub",
    ".rtf",
)


def _pdf(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Parse a PDF. PDFium is loaded only in the processes that parse."""
    from documents.parsing.pdf import pdf_parser

    return pdf_parser.parse(path, name, password=password)


PARSERS: dict[str, Parser] = {
    **dict.fromkeys(TEXT_SUFFIXES, text_file.parse),
    **dict.fromkeys(KREUZBERG_SUFFIXES, kreuzberg_parser.parse),
    ".pdf": _pdf,
    ".html": html.parse,
    ".htm": html.parse,
    ".textpack": textpack.parse,
}
SUPPORTED = tuple(sorted(PARSERS))


def check_suffix(suffix: str) -> None:
    """Raise UnsupportedType, with LightRAG's message, unless the suffix has a parser."""
    if suffix not in PARSERS:
        raise UnsupportedType(f"Unsupported file type. Supported types: {SUPPORTED}")


def parser_of(suffix: str) -> Parser:
    """Return the parser of a suffix. Raises UnsupportedType."""
    check_suffix(suffix)
    return PARSERS[suffix]
