"""Pages of A4 that tests draw with fpdf and parse."""

from __future__ import annotations

from collections.abc import Callable

import fpdf

from documents.parsing.parsed_document import Kind, ParsedDocument
from documents.parsing.pdf import pdf_parser
from tests.documents.conftest import Put

LOREM = "The quick brown fox jumps over the lazy dog near the quiet river bank. "
Draw = Callable[[fpdf.FPDF], None]
Parse = Callable[..., ParsedDocument]


def parse(put: Put, *pages: Draw, font: str = "helvetica") -> ParsedDocument:
    """Draw each page, and parse the document."""
    document = fpdf.FPDF()
    document.set_auto_page_break(False)
    for draw in pages:
        document.add_page()
        document.set_font(font, size=11)
        draw(document)
    return pdf_parser.parse(put("a.pdf", bytes(document.output())), "a.pdf")


def texts(parsed: ParsedDocument, kind: Kind) -> list[str]:
    """Return the texts of the blocks of one kind."""
    return [
        parsed.text[block.start : block.end]
        for block in parsed.blocks
        if block.kind == kind
    ]
