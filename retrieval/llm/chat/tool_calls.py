"""Tools that a model wants called, gathered from what providers send of them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from retrieval.llm.base import ToolCall


def new_id() -> str:
    """An id as OpenAI makes them, for providers that give none."""
    return f"call_{uuid.uuid4().hex[:24]}"


def arguments(call: ToolCall) -> dict[str, Any]:
    """The arguments as an object; a model may have written something else."""
    try:
        found = json.loads(call.arguments or "{}")
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"arguments": call.arguments}


class CallParts:
    """The calls of one streamed answer: a name first, then its arguments in parts."""

    def __init__(self) -> None:
        self._calls: dict[int, dict[str, str]] = {}

    def add(self, parts: Iterable[Mapping[str, Any]]) -> None:
        """One chunk's `tool_calls`; a part without an index is a call of its own."""
        for part in parts:
            index = part.get("index")
            place = len(self._calls) if index is None else int(index)
            call = self._calls.setdefault(
                place, {"id": "", "name": "", "arguments": ""}
            )
            function = part.get("function") or {}
            call["id"] = call["id"] or part.get("id") or ""
            call["name"] += function.get("name") or ""
            call["arguments"] += function.get("arguments") or ""

    def whole(self) -> tuple[ToolCall, ...]:
        """All, in order."""
        return tuple(
            ToolCall(call["id"] or new_id(), call["name"], call["arguments"])
            for _, call in sorted(self._calls.items())
        )
