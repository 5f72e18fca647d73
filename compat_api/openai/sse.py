"""Server-sent events as OpenAI writes them."""

from __future__ import annotations

from typing import Any

from pydantic_core import to_json

MEDIA_TYPE = "text/event-stream"
DONE = b"data: [DONE]\n\n"


def data(one: dict[str, Any]) -> bytes:
    """An event without a name."""
    return b"data: %b\n\n" % to_json(one)


def event(one: dict[str, Any]) -> bytes:
    """An event named by its `type`, as the Responses API has them."""
    return b"event: %b\n%b" % (one["type"].encode(), data(one))
