"""Server-sent events in OpenAI's form."""

from __future__ import annotations

from typing import Any

from pydantic_core import to_json

MEDIA_TYPE = "text/event-stream"
DONE = b"data: [DONE]\n\n"


def comment() -> bytes:
    """Return a line without effect, for connections that would be silent."""
    return b": waiting\n\n"


def data(item: dict[str, Any]) -> bytes:
    """Return an event without a name."""
    return b"data: %b\n\n" % to_json(item)


def event(item: dict[str, Any]) -> bytes:
    """Return an event named by its `type`, as in the Responses API."""
    return b"event: %b\n%b" % (item["type"].encode(), data(item))
