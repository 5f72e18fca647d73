"""Images that a service returns as `data:` URIs."""

from __future__ import annotations

from documents.parsing import data_uris
from documents.parsing.parsed_document import Box, Image


def image(
    uri: str, caption: str = "", page: int | None = None, box: Box | None = None
) -> Image | None:
    """Return the image of a `data:` URI; None if it has none."""
    content = data_uris.content(uri)
    media_type = uri.partition(";")[0].strip().removeprefix("data:")
    return Image(content, media_type, caption, page, box) if content else None
