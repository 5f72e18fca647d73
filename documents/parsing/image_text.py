"""The text of images inside documents, such as a scanned page in a Word file."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from documents.ocr.messages import Recognize, Scan, ScannedPage
from documents.parsing.parsed_document import (
    BlockSpan,
    Image,
    Kind,
    PageSpan,
    ParsedDocument,
)

MIN_WIDTH, MIN_HEIGHT = 150, 40
"""Smaller images, in pixels, are icons and logos."""
MAX_IMAGES = 100
"""Upper bound on the images of a document that are read."""


def add(parsed: ParsedDocument, ocr: Recognize | None) -> ParsedDocument:
    """Return the document with the text of its images, each after the place of the image."""
    images = _readable(parsed.images)
    if not images or ocr is None:
        return parsed
    with tempfile.TemporaryDirectory() as folder:
        scans = [_saved(image, Path(folder, str(i))) for i, image in enumerate(images)]
        pages = ocr(scans)
    texts = {
        _digest(image): _text(page)
        for image, page in zip(images, pages, strict=True)
        if not page.error
    }
    for image in sorted(parsed.images, key=lambda image: image.position, reverse=True):
        text = texts.get(_digest(image))
        if text:
            parsed = _inserted(parsed, image, text)
    errors = list(dict.fromkeys(page.error for page in pages if page.error))
    warnings = (f"The text of images could not be recognized: {e}." for e in errors)
    return replace(parsed, warnings=(*parsed.warnings, *warnings))


def _readable(images: Sequence[Image]) -> list[Image]:
    """Return the different images that may contain text, the first ones of the document."""
    distinct = {_digest(image): image for image in reversed(images)}
    ordered = sorted(distinct.values(), key=lambda image: image.position)
    return [image for image in ordered if _is_large(image)][:MAX_IMAGES]


def _is_large(image: Image) -> bool:
    import PIL.Image

    try:
        with PIL.Image.open(io.BytesIO(image.content)) as file:
            return file.width >= MIN_WIDTH and file.height >= MIN_HEIGHT
    except (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError):
        return False


def _saved(image: Image, path: Path) -> Scan:
    path.write_bytes(image.content)
    return Scan(path)


def _digest(image: Image) -> bytes:
    return hashlib.sha256(image.content).digest()


def _text(page: ScannedPage) -> str:
    from documents.parsing.pdf import scans

    return "\n".join(
        "\n".join(map(" | ".join, part.rows)) if part.rows else part.text
        for part in scans.parts_of(page)
    )


def _inserted(parsed: ParsedDocument, image: Image, text: str) -> ParsedDocument:
    """Insert a paragraph at the position of the image, or after its caption."""
    at = next(
        (
            block.end
            for block in parsed.blocks
            if block.start <= image.position < block.end
        ),
        min(image.position, len(parsed.text)),
    )
    before, after = parsed.text[:at].rstrip(), parsed.text[at:].lstrip()
    start = len(before) + 2 if before else 0
    end = start + len(text)
    joined = "\n\n".join(part for part in (before, text, after) if part)
    shift = (
        len(joined) - len(after) - (len(parsed.text) - len(parsed.text[at:].lstrip()))
    )
    block = BlockSpan(start, end, Kind.PARAGRAPH, page=image.page, box=image.box)
    blocks = (
        *(b for b in parsed.blocks if b.end <= at),
        *((block,) if parsed.blocks else ()),
        *(
            replace(
                b,
                start=b.start + shift,
                end=b.end + shift,
                header_end=b.header_end + shift,
            )
            for b in parsed.blocks
            if b.end > at
        ),
    )
    pages = tuple(
        PageSpan(
            page.start + (shift if page.start >= at else 0),
            page.end + (shift if page.end > at or page.end == at else 0),
            page.number,
        )
        for page in parsed.pages
    )
    images = tuple(
        replace(other, position=other.position + shift)
        if other.position > image.position
        else other
        for other in parsed.images
    )
    return replace(parsed, text=joined, blocks=blocks, pages=pages, images=images)
