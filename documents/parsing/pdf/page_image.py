"""Program that renders a page of a PDF or of an image file.

It reads path, page, width and password as JSON from its standard input and prints a PNG, or
nothing if there is no such page.
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
from pathlib import Path
from typing import Any

MEMORY_BYTES = 1024**3
CPU_SECONDS = 30
"""Upper bounds on the memory and the CPU time of this process."""
MAX_PIXELS = 25_000_000


def main() -> None:
    """Print the image."""
    with contextlib.suppress(ValueError, OSError):  # macOS can't limit memory
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    request = json.load(sys.stdin)
    image = _page(
        Path(request["path"]), request["page"], request["width"], request["password"]
    )
    if image is not None:
        image.save(sys.stdout.buffer, "PNG")


def _page(path: Path, number: int, width: int, password: str) -> Any:
    if path.suffix.lower() == ".pdf":
        return _pdf_page(path, number, width, password)
    from documents.ocr.messages import Scan
    from documents.ocr.recognize import image_frame

    try:
        image = image_frame(Scan(path, number))
    except EOFError:
        return None
    image.thumbnail((width, MAX_PIXELS // width))
    return image


def _pdf_page(path: Path, number: int, width: int, password: str) -> Any:
    import pypdfium2

    document = pypdfium2.PdfDocument(path, password=password or None)
    if not 1 <= number <= len(document):
        return None
    document.init_forms()
    page = document[number - 1]
    page_width, page_height = page.get_size()
    scale = width / page_width
    scale = min(scale, (MAX_PIXELS / (page_width * page_height)) ** 0.5)
    return page.render(scale=scale).to_pil()
