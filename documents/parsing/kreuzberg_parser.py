"""Office, EPUB, RTF and HTML files, parsed by kreuzberg.

kreuzberg is written in Rust. On some damaged files its threads panic, so it is called
only in the processes of `documents.parse_process`.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from documents.errors import BrokenFile
from documents.parsing import page_text
from documents.parsing.parsed_document import ParsedDocument

MIME_TYPES = {
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
    """Return Markdown, with pages for DOCX and PPTX.

    Pages of DOCX are those of Word's last layout; pages of PPTX are slides.

    Raises BrokenFile.
    """
    import kreuzberg  # only where it is used: it needs 40 MB

    suffix = Path(name).suffix.lower()
    marker = f"page-{secrets.token_hex(8)}-"
    try:
        result = kreuzberg.extract_file_sync(
            path, MIME_TYPES[suffix], config=_config(suffix, marker)
        )
    # RuntimeError is a panic, OSError a truncated archive.
    except (kreuzberg.KreuzbergError, RuntimeError, OSError) as error:
        raise BrokenFile(
            f"'{name}' is damaged and could not be parsed: {error}"
        ) from error
    return page_text.join(_pages(result, suffix, marker), engine="kreuzberg")


def _config(suffix: str, marker: str) -> Any:
    """Return kreuzberg's options. `marker` precedes each slide of a PPTX."""
    import kreuzberg

    return kreuzberg.ExtractionConfig(
        use_cache=False,
        enable_quality_processing=False,
        output_format="markdown",
        pages=kreuzberg.PageConfig(
            extract_pages=suffix == ".docx",
            insert_page_markers=suffix == ".pptx",
            marker_format=f"\n\n{marker}{{page_num}}\n\n",
        ),
        html_options={"strip_tags": ["head", "title", "meta"]},  # type: ignore[arg-type]
        concurrency=kreuzberg.ConcurrencyConfig(max_threads=2),
    )


def _pages(result: Any, suffix: str, marker: str) -> list[page_text.Page]:
    if suffix == ".pptx":
        return page_text.split_at_marker(result.content, marker)
    pages = [(page["page_number"], page["content"]) for page in result.pages or []]
    return page_text.split_by_word_counts(result.content, pages)
