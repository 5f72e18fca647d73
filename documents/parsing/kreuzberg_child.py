"""A program of its own: reads one file with kreuzberg and prints what it found as JSON.

`python -I kreuzberg_child.py PATH SUFFIX`, the passwords to try on standard input. It
imports nothing of ours, so that it starts in 0.1 s and holds none of our secrets.

Why a process: kreuzberg is Rust around C++ libraries (PDFium). On damaged files it was
seen to panic in its threads, and a crash or an endless loop there would take the worker
with it. Here it takes this process, whose time and memory are limited.
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
from typing import Any

import kreuzberg

MEMORY_BYTES = 4 * 1024**3
CPU_SECONDS = 300
MAX_TEXT_CHARS = 512 * 1024**2

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
    """Where the system knows this limit (macOS has no limit on memory)."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (amount, amount))


def read(path: str, suffix: str, passwords: list[str], marker: str) -> dict[str, Any]:
    """`{"content", "nodes"}`; nodes only for PDF, whose Markdown has no page marks."""
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
    found = [[page["page_number"], page["content"]] for page in result.pages or []]
    return {"content": result.content, "nodes": nodes, "pages": found}


def main() -> None:
    """Prints `{"error": "..."}` where kreuzberg says no; dies where it dies.

    A panic in its Rust code comes as RuntimeError, a torn archive as OSError.
    """
    limit(resource.RLIMIT_AS, MEMORY_BYTES)
    limit(resource.RLIMIT_CPU, CPU_SECONDS)
    limit(resource.RLIMIT_CORE, 0)
    request = json.load(sys.stdin)
    try:
        answer = read(**request)
    except (kreuzberg.KreuzbergError, RuntimeError, OSError) as error:
        answer = {"error": f"{error}"}
    if len(answer.get("content", "")) > MAX_TEXT_CHARS:
        answer = {"error": "too much text"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
