"""Figures: those images of a document that are worth showing, in formats of browsers."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from documents.parsing import captions
from documents.parsing.parsed_document import (
    BYTES_AS_BASE64,
    Box,
    Image,
    ParsedDocument,
)

if TYPE_CHECKING:
    import PIL.Image

MEDIA_TYPES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "GIF": "image/gif",
    "WEBP": "image/webp",
}
"""The formats that are stored as they are; images of other formats become PNG or JPEG."""
MIN_SIDE = 64
"""An image with a shorter side, in pixels, is an icon or a line."""
MAX_REPEATS = 2
"""An image that occurs more often in a document is a logo or an ornament."""
MAX_FIGURES = 500
MAX_TOTAL_BYTES = 48 * 1024**2
"""Upper bounds on the figures of a document, and on their bytes."""
MAX_BYTES = 4 * 1024**2
MAX_SIDE = 2000
"""An image of more bytes, or with a longer side, in pixels, is stored in this size."""
MAX_PIXELS = 40_000_000
"""Upper bound on the pixels of an image that is decoded."""
WMF = (b"\xd7\xcd\xc6\x9a", b"\1\0\x09\0", b"\2\0\x09\0")
"""First bytes of a WMF file."""
MAX_NAMED = 10
"""Upper bound on the images that a warning names."""
LARGE_PNG = 400 * 1024
"""A larger PNG of our own is replaced by a JPEG if that has half the size."""


@dataclass(frozen=True, slots=True)
class FigureDraft:
    """A figure before it is stored; `position` is that of its caption or image."""

    __pydantic_config__: ClassVar = BYTES_AS_BASE64
    content: bytes
    media_type: str
    width: int
    height: int
    caption: str = ""
    page: int | None = None
    box: Box | None = None
    position: int = 0


def drafts(parsed: ParsedDocument) -> tuple[list[FigureDraft], list[str]]:
    """Return the figures among the images in order, each once, and warnings.

    Icons, ornaments and images that can't be decoded are left out.
    """
    images = parsed.images
    digests = [hashlib.sha256(image.content).digest() for image in images]
    counts = Counter(digests)
    figures, total, left_out = list[FigureDraft](), 0, 0
    for digest, image in zip(digests, images, strict=True):
        if counts.pop(digest, MAX_REPEATS + 1) > MAX_REPEATS:
            continue
        if len(figures) == MAX_FIGURES or total >= MAX_TOTAL_BYTES:
            left_out += 1
        elif figure := _draft(image):
            position = captions.position(parsed.text, image)
            figures.append(replace(figure, position=position))
            total += len(figure.content)
    warning = f"The document has too many figures: {left_out} were left out."
    return figures, [warning] if left_out else []


def without_vector_images(parsed: ParsedDocument) -> ParsedDocument:
    """Return the document without the images in WMF and EMF, which a warning names.

    Only Windows can draw them.
    """
    vectors = [image for image in parsed.images if _is_vector(image.content)]
    if not vectors:
        return parsed
    names = list(dict.fromkeys(image.name or image.caption for image in vectors))
    named = ", ".join([*filter(None, names[:MAX_NAMED])]) or "images without a name"
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    warning = (
        f"Images in the formats WMF and EMF can't be shown or read: {named}{more}."
    )
    images = tuple(image for image in parsed.images if image not in vectors)
    return replace(parsed, images=images, warnings=(*parsed.warnings, warning))


def _is_vector(content: bytes) -> bool:
    return content.startswith(WMF) or (
        content.startswith(b"\1\0\0\0") and content[40:44] == b" EMF"
    )


def is_icon(width: float, height: float) -> bool:
    """Return whether an image of this size, in pixels, is too small for a figure."""
    return min(width, height) < MIN_SIDE


def _draft(image: Image) -> FigureDraft | None:
    """Return the figure; None for an icon or an image that can't be decoded."""
    import PIL.Image

    try:
        with PIL.Image.open(io.BytesIO(image.content)) as file:
            width, height = file.size
            if is_icon(width, height) or width * height > MAX_PIXELS:
                return None
            file.load()
            media_type = MEDIA_TYPES.get(file.format or "", "")
            is_small = len(image.content) <= MAX_BYTES and max(file.size) <= MAX_SIDE
            if media_type and is_small:
                content, size = image.content, file.size
            else:
                content, media_type, size = encoded(file)
    except Exception:  # noqa: BLE001 - Pillow's decoders raise many; the text is not lost
        return None
    return FigureDraft(
        content,
        media_type,
        *size,
        caption=image.caption,
        page=image.page,
        box=image.box,
    )


def encoded(picture: PIL.Image.Image) -> tuple[bytes, str, tuple[int, int]]:
    """Return an image as PNG, or as JPEG if that is much smaller, and its size.

    Its longer side has at most MAX_SIDE pixels.
    """
    has_alpha = "A" in picture.getbands() or "transparency" in picture.info
    if picture.mode not in {"RGB", "RGBA", "L"}:
        picture = picture.convert("RGBA" if has_alpha else "RGB")
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    png = _saved(picture, "PNG")
    if has_alpha or len(png) <= LARGE_PNG:
        return png, "image/png", picture.size
    jpeg = _saved(picture, "JPEG", quality=85)
    if len(jpeg) > len(png) // 2:
        return png, "image/png", picture.size
    return jpeg, "image/jpeg", picture.size


def _saved(picture: PIL.Image.Image, image_format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, image_format, **options)
    return buffer.getvalue()
