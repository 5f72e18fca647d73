"""Images of the pages of PDF and image files, rendered in a bounded child process."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from documents.errors import BrokenFile
from documents.files import file_storage
from documents.models import Chunk, Document

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from documents.parsing.pdf import page_image; page_image.main()"
)
TIMEOUT_SECONDS = 30
MAX_CACHED = 32
"""Upper bound on the images that a process keeps."""
MAX_WAITING = 20
"""Seconds that a request waits for the rendering of others."""
_slots = threading.BoundedSemaphore(2)
"""Upper bound on the pages that a process renders at once."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What is highlighted on a page: the quote, or the boxes if it isn't found."""

    quote: str = ""
    boxes: tuple[tuple[float, ...], ...] = ()


def marks_of(chunk: Chunk, page: int, quote: str = "") -> Marks:
    """Return the marks of a chunk on one of its pages.

    If the chunk continues on other pages, the quote may be there, so its boxes are not marked.
    """
    has_one_page = chunk.page_first == chunk.page_last
    boxes = (
        tuple(item["box"])
        for item in chunk.positions
        if item["page"] == page and (has_one_page or not quote)
    )
    return Marks(quote, tuple(boxes))


def render(
    document: Document, page: int, width: int, password: str, marks: Marks | None = None
) -> bytes | None:
    """Return a page as PNG of this width in pixels; None if there is no such page.

    Raises MissingFile, or BrokenFile if the page can't be rendered.
    """
    path = file_storage.path_of(document)
    if not document.source_path or not path.is_file():
        return None
    status = path.stat()
    return _rendered(path, status.st_mtime_ns, page, width, password, marks or Marks())


@lru_cache(maxsize=MAX_CACHED)
def _rendered(
    path: Path, modified: int, page: int, width: int, password: str, marks: Marks
) -> bytes | None:
    request = {
        "path": str(path),
        "page": page,
        "width": width,
        "password": password,
        "quote": marks.quote,
        "boxes": marks.boxes,
    }
    if not _slots.acquire(timeout=MAX_WAITING):
        raise BrokenFile("Too many pages are being rendered. Try again.")
    try:
        process = subprocess.run(  # noqa: S603 - our own program, no shell
            [sys.executable, "-I", "-c", PROGRAM, str(ROOT)],
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BrokenFile(f"Page {page} took too long to render.") from error
    finally:
        _slots.release()
    if process.returncode != 0:
        raise BrokenFile(f"Page {page} could not be rendered.")
    return process.stdout or None
