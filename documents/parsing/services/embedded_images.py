"""Images that a service returns as data URLs."""

from __future__ import annotations

import base64
import binascii

from documents.parsing.parsed_document import Box, Image


def image(
    url: str, caption: str = "", page: int | None = None, box: Box | None = None
) -> Image | None:
    """Return the image of a data URL in base64; None if it is none."""
    head, comma, encoded = url.partition(",")
    if not head.startswith("data:image/") or not head.endswith(";base64") or not comma:
        return None
    try:
        content = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return None
    media_type = head.removeprefix("data:").removesuffix(";base64")
    return Image(content, media_type, caption, page, box)
