"""Chat through Amazon Bedrock's Converse API."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from retrieval.llm import reasoning
from retrieval.llm.base import ChatRequest, Completion, Ending, Piece, ToolCall
from retrieval.llm.chat import bedrock_messages, tool_calls
from retrieval.llm.chat.refusals import (
    AdaptingChat,
    OutputFormat,
    Refusals,
    Variant,
)
from retrieval.llm.chat.tool_calls import ToolCallAssembler
from retrieval.llm.clients.bedrock import BedrockClient
from retrieval.llm.config import ChatConfig
from retrieval.llm.errors import EmptyAnswer, RequestRefused
from retrieval.llm.event_loop import PerEventLoop
from retrieval.llm.reasoning import ReasoningSplitter

_INFERENCE = {
    "temperature": "temperature",
    "top_p": "topP",
    "max_tokens": "maxTokens",
    "max_completion_tokens": "maxTokens",
    "stop": "stopSequences",
    "stop_sequences": "stopSequences",
}
"""Options of OpenAI's clients and of BEDROCK_LLM_…, and their names in the API."""
_TRUNCATED = {"max_tokens", "model_context_window_exceeded"}
_FILTERED = {"guardrail_intervened", "content_filtered"}


class BedrockChat(AdaptingChat):
    """A chat model behind `/model/…/converse`."""

    calls_tools = True

    def __init__(self, config: ChatConfig) -> None:
        self._config = config
        self._clients: PerEventLoop[BedrockClient] = PerEventLoop(
            lambda: BedrockClient(config)
        )
        self._refusals = Refusals(config.model)
        self.identity = f"bedrock:{config.model}@{config.host}"

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        client = self._clients.pop()
        if client is not None:
            await client.aclose()

    async def _complete(self, request: ChatRequest, variant: Variant) -> Completion:
        client = self._clients.get()
        answer = await client.post("converse", self._body(request, variant))
        message = (answer.get("output") or {}).get("message") or {}
        blocks = message.get("content") or []
        reason = answer.get("stopReason") or ""
        calls = tuple(_call(block["toolUse"]) for block in blocks if "toolUse" in block)
        thoughts, text = reasoning.split(
            "".join(block.get("text") or "" for block in blocks),
            truncated=reason in _TRUNCATED,
        )
        if not text and not calls:
            raise _empty(client.label, reason)
        thoughts = "".join(map(_reasoning, blocks)) or thoughts
        ending = _ending(answer.get("usage") or {}, reason, calls)
        return ending.after(text, thoughts.strip())

    async def _pieces(
        self, request: ChatRequest, variant: Variant
    ) -> AsyncGenerator[Piece, None]:
        client = self._clients.get()
        splitter, calls = ReasoningSplitter(), ToolCallAssembler()
        usage: Mapping[str, Any] = {}
        reason = ""
        async with aclosing(client.events(self._body(request, variant))) as events:
            async for event in events:
                delta = event.get("delta") or {}
                thought = (delta.get("reasoningContent") or {}).get("text") or ""
                for piece in splitter.pieces(thought, delta.get("text") or ""):
                    yield piece
                calls.add(_call_parts(event))
                reason = event.get("stopReason") or reason
                usage = event.get("usage") or usage
        for piece in splitter.close(truncated=reason in _TRUNCATED):
            yield piece
        ending = _ending(usage, reason, calls.calls())
        if not splitter.has_answer and not ending.tool_calls:
            raise _empty(client.label, reason)
        yield ending

    def _body(self, request: ChatRequest, variant: Variant) -> dict[str, Any]:
        merged = {**request.defaults, **self._config.options, **request.options}
        options = variant.options(merged)
        inference = {
            _INFERENCE[name]: value
            for name, value in options.items()
            if name in _INFERENCE and value is not None
        }
        if isinstance(inference.get("stopSequences"), str):
            inference["stopSequences"] = [inference["stopSequences"]]
        optional = {
            "system": bedrock_messages.system(request.messages),
            "inferenceConfig": inference,
            "additionalModelRequestFields": options.get("extra_fields"),
            "toolConfig": bedrock_messages.tool_config(request),
            "outputConfig": _output_config(request, variant.output_format),
        }
        return {
            "messages": bedrock_messages.messages(request.messages),
            **{name: value for name, value in optional.items() if value},
        }


def _output_config(
    request: ChatRequest, output_format: OutputFormat
) -> dict[str, Any] | None:
    """Return the schema of the answer; the API has no other format of JSON."""
    json_schema = request.json_schema
    if json_schema is None or output_format is not OutputFormat.SCHEMA:
        return None
    schema = {"name": json_schema.name, "schema": json.dumps(json_schema.schema)}
    return {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": schema}}}


def _reasoning(block: Mapping[str, Any]) -> str:
    content = block.get("reasoningContent") or {}
    return (content.get("reasoningText") or {}).get("text") or ""


def _call(use: Mapping[str, Any]) -> ToolCall:
    arguments = json.dumps(use.get("input") or {}, ensure_ascii=False)
    return ToolCall(use.get("toolUseId") or tool_calls.new_id(), use["name"], arguments)


def _call_parts(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the part of a tool call in an event, as OpenAI's API sends it."""
    start = (event.get("start") or {}).get("toolUse") or {}
    delta = (event.get("delta") or {}).get("toolUse") or {}
    if not start and not delta:
        return []
    function = {"name": start.get("name"), "arguments": delta.get("input")}
    index = event.get("contentBlockIndex")
    return [{"index": index, "id": start.get("toolUseId"), "function": function}]


def _ending(
    usage: Mapping[str, Any], reason: str, calls: tuple[ToolCall, ...]
) -> Ending:
    return Ending(
        usage.get("inputTokens") or 0,
        usage.get("outputTokens") or 0,
        reason in _TRUNCATED,
        calls,
    )


def _empty(label: str, reason: str) -> EmptyAnswer | RequestRefused:
    if reason in _FILTERED:
        return RequestRefused(f"{label}: filtered content ({reason})")
    return EmptyAnswer(f"{label}: the answer is empty ({reason or 'no reason'}).")
