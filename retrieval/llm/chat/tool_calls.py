"""Tool calls requested by a model, assembled from what providers send."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from retrieval.llm.base import ToolCall


def new_id() -> str:
    """Return an id in OpenAI's format, for providers that send none."""
    return f"call_{uuid.uuid4().hex[:24]}"


def arguments(call: ToolCall) -> dict[str, Any]:
    """Return the arguments as an object, also if the model wrote something else."""
    try:
        values = json.loads(call.arguments or "{}")
    except ValueError:
        values = None
    return values if isinstance(values, dict) else {"arguments": call.arguments}


class ToolCallAssembler:
    """The tool calls of one streamed answer: a name first, then parts of the arguments."""

    def __init__(self) -> None:
        self._calls: dict[int, dict[str, str]] = {}

    def add(self, parts: Iterable[Mapping[str, Any]]) -> None:
        """Add the `tool_calls` of one chunk; a part without an index is a new call."""
        for part in parts:
            index = part.get("index")
            key = len(self._calls) if index is None else int(index)
            call = self._calls.setdefault(key, {"id": "", "name": "", "arguments": ""})
            function = part.get("function") or {}
            call["id"] = call["id"] or part.get("id") or ""
            call["name"] += function.get("name") or ""
            call["arguments"] += function.get("arguments") or ""

    def calls(self) -> tuple[ToolCall, ...]:
        """Return all calls, in order."""
        return tuple(
            ToolCall(call["id"] or new_id(), call["name"], call["arguments"])
            for _, call in sorted(self._calls.items())
        )
