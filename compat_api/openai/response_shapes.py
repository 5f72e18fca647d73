"""The objects of OpenAI's Responses API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from compat_api.openai import citing
from compat_api.openai.schemas import ResponseRequest
from retrieval import usage
from retrieval.events import Answer
from retrieval.references import Reference
from retrieval.usage import Usage


@dataclass(frozen=True, slots=True)
class ResponseFrame:
    """One response; `number` makes the ids of it and of its message."""

    number: str
    created: int
    body: ResponseRequest

    @property
    def item_id(self) -> str:
        return f"msg_{self.number}"


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer came to."""

    text: str
    references: Sequence[Reference]
    used: Usage
    truncated: bool


def whole(frame: ResponseFrame, found: Answer) -> dict[str, Any]:
    """The response to a whole answer."""
    used = usage.of(found)
    said = Said(found.text, found.references, used, found.truncated)
    return finished(frame, said)


def finished(frame: ResponseFrame, said: Said) -> dict[str, Any]:
    """The response at its end; `references` are ours."""
    status = "incomplete" if said.truncated else "completed"
    cut = {"reason": "max_output_tokens"} if said.truncated else None
    return response(frame, status) | {
        "incomplete_details": cut,
        "output": [message(frame, status, [output_text(said.text, said.references)])],
        "usage": usage_shape(said.used),
        "references": citing.references(said.references),
    }


def response(frame: ResponseFrame, status: str) -> dict[str, Any]:
    """The response with nothing said yet."""
    body = frame.body
    return {
        "id": f"resp_{frame.number}",
        "object": "response",
        "created_at": frame.created,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": body.instructions,
        "max_output_tokens": body.max_output_tokens,
        "metadata": body.metadata or {},
        "model": body.model,
        "output": [],
        "parallel_tool_calls": False,
        "previous_response_id": None,
        "store": False,
        "temperature": body.temperature,
        "text": {"format": {"type": "text"}},
        "tool_choice": "none",
        "tools": [],
        "top_p": body.top_p,
        "truncation": "disabled",
        "usage": None,
        "user": body.user,
    }


def message(
    frame: ResponseFrame, status: str, content: list[dict[str, Any]]
) -> dict[str, Any]:
    """The one item of the output."""
    return {
        "id": frame.item_id,
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": content,
    }


def output_text(text: str, listed: Sequence[Reference] = ()) -> dict[str, Any]:
    """The one part of the message."""
    return {
        "type": "output_text",
        "text": text,
        "annotations": citing.of_response(text, listed),
        "logprobs": [],
    }


def usage_shape(used: Usage) -> dict[str, Any]:
    """OpenAI's object of what was spent, in this API's names."""
    return {
        "input_tokens": used.prompt,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": used.completion,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": used.total,
    }
