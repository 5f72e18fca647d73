"""Image files, whose text OCR reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from documents.errors import BrokenFile
from documents.ocr.messages import Recognize, Scan, ScannedPage
from documents.parsing import block_text
from documents.parsing.parsed_document import Block, Box, Image, Kind, ParsedDocument
from documents.parsing.pdf import scans

MAX_FRAMES = 1_000
"""Upper bound on the pages of a TIFF file that are read."""
MULTIPLE = frozenset({"TIFF"})
"""Formats whose frames are pages; those of a GIF or WebP are an animation."""


def parse(
    path: Path, name: str, *, password: str = "", ocr: Recognize | None = None
) -> ParsedDocument:
    """Return the text of an image, which may be empty. Raises BrokenFile."""
    image, frames = _open(path, name)
    pages = ocr([Scan(path, number + 1) for number in range(frames)]) if ocr else ()
    errors = list(dict.fromkeys(page.error for page in pages if page.error))
    return block_text.compose(
        _blocks(pages, image),
        engine="ocr",
        warnings=[f"The text could not be recognized: {error}." for error in errors],
    )


def _open(path: Path, name: str) -> tuple[Image, int]:
    """Return the image as a figure, and the number of its pages."""
    import PIL.Image

    try:
        with PIL.Image.open(path) as file:
            frames = getattr(file, "n_frames", 1) if file.format in MULTIPLE else 1
            media_type = PIL.Image.MIME.get(
                file.format or "", "application/octet-stream"
            )
            box = Box(0, 0, *file.size)
    except (
        OSError,
        ValueError,
        SyntaxError,
        PIL.Image.DecompressionBombError,
    ) as error:
        raise BrokenFile(f"'{name}' is damaged or not an image.") from error
    content = path.read_bytes()
    return Image(content, media_type, page=1, box=box), min(MAX_FRAMES, frames)


def _blocks(pages: Sequence[ScannedPage], image: Image) -> Iterator[Block]:
    yield Block(Kind.FIGURE, page=1, box=image.box, image=image)
    for number, page in enumerate(pages, start=1):
        for part in scans.parts_of(page):
            box = Box(*(round(value, 1) for value in part.box))
            kind = Kind.TABLE if part.rows else Kind.PARAGRAPH
            yield Block(kind, part.text, page=number, box=box, rows=part.rows)
