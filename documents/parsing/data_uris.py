"""Images in `data:` URIs (RFC 2397), as in web pages, Markdown and notebooks."""

from __future__ import annotations

import base64
import re
from urllib.parse import unquote_to_bytes

_DATA = re.compile(r"\s*data:image/[\w.+-]+([^,]{0,200}),", re.IGNORECASE)


def content(address: str) -> bytes:
    """Return the image in an address; no bytes if it has none or is damaged."""
    match = _DATA.match(address)
    if not match:
        return b""
    data = unquote_to_bytes(address[match.end() :])
    return decoded(data) if "base64" in match[1].lower() else data


def decoded(data: bytes | str) -> bytes:
    """Return base64 as bytes; none if it is damaged."""
    try:
        return base64.b64decode(data)
    except ValueError:
        return b""
