"""PDF, Office, EPUB, RTF and HTML files, parsed by kreuzberg.

kreuzberg is written in Rust and C++ (PDFium). On some damaged files its threads panic, so
it is called only in the processes of `documents.parse_process`.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from documents.errors import BrokenFile, EncryptedFile
from documents.parsing import page_text, pdf_markdown
from documents.parsing.parsed_document import ParsedDocument

MIME_TYPES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".epub": "application/epub+zip",
    ".rtf": "application/rtf",
    ".html": "text/html",
    ".htm": "text/html",
}


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return Markdown, with pages for PDF, DOCX and PPTX.

    Pages of DOCX are those of Word's last layout; pages of PPTX are slides.

    Raises EncryptedFile or BrokenFile.
    """
    import kreuzberg  # only where it is used: it needs 40 MB

    suffix = Path(name).suffix.lower()
    marker = f"page-{secrets.token_hex(8)}-"
    try:
        result = kreuzberg.extract_file_sync(
            path, MIME_TYPES[suffix], config=_config(suffix, password, marker)
        )
    # RuntimeError is a panic, OSError a truncated archive.
    except (kreuzberg.KreuzbergError, RuntimeError, OSError) as error:
        raise _unreadable(error, name) from error
    return page_text.join(_pages(result, suffix, marker), engine="kreuzberg")


def _config(suffix: str, password: str, marker: str) -> Any:
    """Return kreuzberg's options.

    A PDF's Markdown has no page markers, but its structure has page numbers. `marker`
    precedes each slide of a PPTX.
    """
    import kreuzberg

    return kreuzberg.ExtractionConfig(
        use_cache=False,
        enable_quality_processing=False,
        output_format="markdown",
        include_document_structure=suffix == ".pdf",
        pages=kreuzberg.PageConfig(
            extract_pages=suffix == ".docx",
            insert_page_markers=suffix == ".pptx",
            marker_format=f"\n\n{marker}{{page_num}}\n\n",
        ),
        pdf_options=kreuzberg.PdfConfig(
            passwords=[password] if password else [], extract_metadata=False
        ),
        html_options={"strip_tags": ["head", "title", "meta"]},  # type: ignore[arg-type]
        concurrency=kreuzberg.ConcurrencyConfig(max_threads=2),
    )


def _pages(result: Any, suffix: str, marker: str) -> list[page_text.Page]:
    if suffix == ".pdf":
        nodes = result.document["nodes"] if result.document else []
        return pdf_markdown.render(nodes) or [(None, result.content)]
    if suffix == ".pptx":
        return page_text.split_at_marker(result.content, marker)
    pages = [(page["page_number"], page["content"]) for page in result.pages or []]
    return page_text.split_by_word_counts(result.content, pages)


def _unreadable(error: Exception, name: str) -> Exception:
    if "password" in f"{error}".lower():
        return EncryptedFile(
            f"'{name}' is encrypted and PDF_DECRYPT_PASSWORD does not decrypt it. "
            "Change the setting, or upload the file without a password."
        )
    return BrokenFile(f"'{name}' is damaged and could not be parsed: {error}")
