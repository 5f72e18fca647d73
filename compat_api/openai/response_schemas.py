"""The objects of OpenAI's Responses API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from compat_api.chat import source_list
from compat_api.openai import annotations as openai_annotations
from compat_api.openai.schemas import ResponseRequest
from retrieval.context.references import Reference
from retrieval.context.support import NO_VERDICTS, Verdicts
from retrieval.llm.base import ToolCall
from retrieval.query import token_usage
from retrieval.query.events import Answer
from retrieval.query.token_usage import Usage


@dataclass(frozen=True, slots=True)
class ResponseEnvelope:
    """The ids, time and request of a response; its ids contain `number`.

    `pages` is the address below which the pages of documents are.
    """

    number: str
    created: int
    body: ResponseRequest
    pages: str

    @property
    def item_id(self) -> str:
        return f"msg_{self.number}"


@dataclass(frozen=True, slots=True)
class ResponseResult:
    """The content of a finished response."""

    text: str
    references: Sequence[Reference]
    used: Usage
    truncated: bool
    tool_calls: Sequence[ToolCall]
    verdicts: Verdicts = field(default_factory=dict)

    @property
    def status(self) -> str:
        return "incomplete" if self.truncated else "completed"


def whole(envelope: ResponseEnvelope, answer: Answer) -> dict[str, Any]:
    """Return the response for a whole answer."""
    used = token_usage.of(answer)
    return finished(
        envelope,
        ResponseResult(
            answer.text,
            answer.references,
            used,
            answer.truncated,
            answer.tool_calls,
            answer.verdicts,
        ),
    )


def finished(envelope: ResponseEnvelope, result: ResponseResult) -> dict[str, Any]:
    """Return the finished response; `references` are an addition."""
    details = {"reason": "max_output_tokens"} if result.truncated else None
    return response(envelope, result.status) | {
        "incomplete_details": details,
        "output": output(envelope, result),
        "usage": usage_shape(result.used),
        "references": source_list.files(result.references),
    }


def output(envelope: ResponseEnvelope, result: ResponseResult) -> list[dict[str, Any]]:
    """Return the message, if there is one, and the tool calls."""
    text = output_text(envelope.pages, result.text, result.references, result.verdicts)
    messages = [message(envelope, result.status, [text])]
    return [
        *(messages if result.text or not result.tool_calls else ()),
        *(function_call(call, "completed") for call in result.tool_calls),
    ]


def response(envelope: ResponseEnvelope, status: str) -> dict[str, Any]:
    """Return the response without output."""
    body = envelope.body
    return {
        "id": f"resp_{envelope.number}",
        "object": "response",
        "created_at": envelope.created,
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
        "tools": [tool.model_dump() for tool in body.tools or ()],
        "top_p": body.top_p,
        "truncation": "disabled",
        "usage": None,
        "user": body.user,
    }


def message(
    envelope: ResponseEnvelope, status: str, content: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return the output item of the message."""
    return {
        "id": envelope.item_id,
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": content,
    }


def function_call(call: ToolCall, status: str) -> dict[str, Any]:
    """Return the output item of a call; it has arguments when it is completed."""
    return {
        "id": f"fc_{call.id}",
        "type": "function_call",
        "status": status,
        "call_id": call.id,
        "name": call.name,
        "arguments": call.arguments if status == "completed" else "",
    }


def text_options(body: ResponseRequest) -> dict[str, Any]:
    """Return the requested text format."""
    requested = body.text.format if body.text else None
    text_format = (
        requested.model_dump(by_alias=True, exclude_unset=True)
        if requested
        else {"type": "text"}
    )
    return {"format": text_format}


def output_text(
    pages: str,
    text: str,
    references: Sequence[Reference] = (),
    by_model: Verdicts = NO_VERDICTS,
) -> dict[str, Any]:
    """Return the text part of the message."""
    return {
        "type": "output_text",
        "text": text,
        "annotations": openai_annotations.of_response(
            text, references, pages, by_model
        ),
        "logprobs": [],
    }


def usage_shape(used: Usage) -> dict[str, Any]:
    """Return the tokens used, with the field names of the Responses API."""
    return {
        "input_tokens": used.prompt,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": used.completion,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": used.total,
    }
