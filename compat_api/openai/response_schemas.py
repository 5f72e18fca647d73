"""The objects of OpenAI's Responses API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from compat_api.openai import annotations as openai_annotations
from compat_api.openai.schemas import ResponseRequest
from retrieval.context.references import Reference
from retrieval.llm.base import ToolCall
from retrieval.query import token_usage
from retrieval.query.events import Answer
from retrieval.query.token_usage import Usage


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
    tool_calls: Sequence[ToolCall]

    @property
    def status(self) -> str:
        return "incomplete" if self.truncated else "completed"


def whole(frame: ResponseFrame, found: Answer) -> dict[str, Any]:
    """The response to a whole answer."""
    used = token_usage.of(found)
    return finished(
        frame,
        Said(found.text, found.references, used, found.truncated, found.tool_calls),
    )


def finished(frame: ResponseFrame, said: Said) -> dict[str, Any]:
    """The response at its end; `references` are ours."""
    cut = {"reason": "max_output_tokens"} if said.truncated else None
    return response(frame, said.status) | {
        "incomplete_details": cut,
        "output": output(frame, said),
        "usage": usage_shape(said.used),
        "references": openai_annotations.references(said.references),
    }


def output(frame: ResponseFrame, said: Said) -> list[dict[str, Any]]:
    """The message, where there is one, and the calls that the model wants."""
    text = output_text(said.text, said.references)
    messages = [message(frame, said.status, [text])]
    return [
        *(messages if said.text or not said.tool_calls else ()),
        *(function_call(call, "completed") for call in said.tool_calls),
    ]


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
        "parallel_tool_calls": body.parallel_tool_calls is not False,
        "previous_response_id": None,
        "store": False,
        "temperature": body.temperature,
        "text": text_options(body),
        "tool_choice": body.tool_choice or "auto",
        "tools": [one.model_dump() for one in body.tools or ()],
        "top_p": body.top_p,
        "truncation": "disabled",
        "usage": None,
        "user": body.user,
    }


def message(
    frame: ResponseFrame, status: str, content: list[dict[str, Any]]
) -> dict[str, Any]:
    """The item of the output that holds the words."""
    return {
        "id": frame.item_id,
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": content,
    }


def function_call(call: ToolCall, status: str) -> dict[str, Any]:
    """The item of a call; its arguments are there when it is completed."""
    return {
        "id": f"fc_{call.id}",
        "type": "function_call",
        "status": status,
        "call_id": call.id,
        "name": call.name,
        "arguments": call.arguments if status == "completed" else "",
    }


def text_options(body: ResponseRequest) -> dict[str, Any]:
    """The form of the text, as it was asked for."""
    asked = body.text.format if body.text else None
    form = (
        asked.model_dump(by_alias=True, exclude_unset=True)
        if asked
        else {"type": "text"}
    )
    return {"format": form}


def output_text(text: str, listed: Sequence[Reference] = ()) -> dict[str, Any]:
    """The one part of the message."""
    return {
        "type": "output_text",
        "text": text,
        "annotations": openai_annotations.of_response(text, listed),
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
