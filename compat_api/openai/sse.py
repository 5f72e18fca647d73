"""Server-sent events as OpenAI writes them."""

from __future__ import annotations

import json
from typing import Any

MEDIA_TYPE = "text/event-stream"
DONE = "data: [DONE]\n\n"


def data(one: dict[str, Any]) -> str:
    """An event without a name."""
    return f"data: {json.dumps(one, ensure_ascii=False)}\n\n"


def event(one: dict[str, Any]) -> str:
    """An event named by its `type`, as the Responses API has them."""
    return f"event: {one['type']}\n{data(one)}"
