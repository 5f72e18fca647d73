"""Program that parses one file with kreuzberg in a separate process.

`python -I kreuzberg_child.py` reads the arguments of `extract` as JSON from standard input
and prints its result as JSON. It imports no module of the project, so that it starts in
0.1 s and has no access to secrets.

kreuzberg is written in Rust and C++ (PDFium). On some damaged files its threads panic. A
crash or an endless loop ends this process, whose time and memory are limited, and not the
worker.
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
from typing import Any

import kreuzberg

MEMORY_BYTES = 4 * 1024**3
"""Upper bound on the address space of this process."""
CPU_SECONDS = 300
"""Upper bound on the CPU time of this process."""
MAX_TEXT_CHARS = 512 * 1024**2
"""Upper bound on the length of the extracted text."""

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


def limit(kind: int, amount: int) -> None:
    """Set a resource limit if the system supports it (macOS cannot limit memory)."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (amount, amount))


def extract(
    path: str, suffix: str, passwords: list[str], marker: str
) -> dict[str, Any]:
    """Return `{"content", "nodes", "pages"}`.

    `nodes` is the structure of a PDF, whose Markdown has no page markers. `pages` lists
    the (number, text) of the pages of a DOCX. `marker` precedes each slide of a PPTX.
    """
    pages = kreuzberg.PageConfig(
        extract_pages=suffix == ".docx",
        insert_page_markers=suffix == ".pptx",
        marker_format=f"\n\n{marker}{{page_num}}\n\n",
    )
    config = kreuzberg.ExtractionConfig(
        use_cache=False,
        enable_quality_processing=False,
        output_format="markdown",
        include_document_structure=suffix == ".pdf",
        pages=pages,
        pdf_options=kreuzberg.PdfConfig(passwords=passwords, extract_metadata=False),
        html_options={"strip_tags": ["head", "title", "meta"]},  # type: ignore[arg-type]
        concurrency=kreuzberg.ConcurrencyConfig(max_threads=2),
    )
    result = kreuzberg.extract_file_sync(path, MIME_TYPES[suffix], config=config)
    nodes = result.document["nodes"] if suffix == ".pdf" and result.document else []
    numbered = [[page["page_number"], page["content"]] for page in result.pages or []]
    return {"content": result.content, "nodes": nodes, "pages": numbered}


def main() -> None:
    """Print the result, or `{"error": "..."}` if kreuzberg raises an error.

    kreuzberg raises RuntimeError for a panic and OSError for a truncated archive.
    """
    limit(resource.RLIMIT_AS, MEMORY_BYTES)
    limit(resource.RLIMIT_CPU, CPU_SECONDS)
    limit(resource.RLIMIT_CORE, 0)
    request = json.load(sys.stdin)
    try:
        result = extract(**request)
    except (kreuzberg.KreuzbergError, RuntimeError, OSError) as error:
        result = {"error": f"{error}"}
    if len(result.get("content", "")) > MAX_TEXT_CHARS:
        result = {"error": "too much text"}
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
