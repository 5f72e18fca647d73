"""Chat through Ollama's own API, which has options that its /v1 lacks."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, cast

from ollama import AsyncClient, ChatResponse

from retrieval.llm import reasoning
from retrieval.llm.base import (
    ChatRequest,
    Completion,
    Ending,
    Piece,
    ToolCall,
)
from retrieval.llm.chat import ollama_messages
from retrieval.llm.chat.refusals import (
    AdaptingChat,
    OutputFormat,
    Refusals,
    Variant,
)
from retrieval.llm.clients import ollama
from retrieval.llm.clients.http_errors import translate_errors
from retrieval.llm.clients.ollama import ERROR_RULES
from retrieval.llm.config import ChatConfig
from retrieval.llm.errors import BadAnswer, EmptyAnswer
from retrieval.llm.event_loop import PerEventLoop
from retrieval.llm.reasoning import ReasoningSplitter

Responses = AsyncGenerator[ChatResponse, None]
_DEFAULTS: Mapping[str, Any] = {"num_ctx": 32768}
"""Ollama's own default silently truncates long prompts; this is LightRAG's value."""
_TOP_LEVEL_OPTIONS = ("think", "keep_alive")
_OPENAI_NAMES = {"max_tokens": "num_predict", "max_completion_tokens": "num_predict"}
_UNSUPPORTED = (
    "response_format",
    "user",
    "logit_bias",
    "reasoning_effort",
    "tool_choice",
    "parallel_tool_calls",
)
"""Options of OpenAI's clients that Ollama does not have."""


class OllamaChat(AdaptingChat):
    """A chat model behind `/api/chat`."""

    calls_tools = True

    def __init__(self, config: ChatConfig) -> None:
        self._config = config
        self._label = ollama.label(config)
        self._clients: PerEventLoop[AsyncClient] = PerEventLoop(
            lambda: ollama.make(config)
        )
        self._refusals = Refusals(self._label)
        self._reasoning_is_open = False
        """Whether the opening tag of the reasoning is part of the model's prompt."""
        self.identity = f"ollama:{config.model}@{config.host}"

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        client = self._clients.pop()
        if client is not None:
            await client.close()  # type: ignore[no-untyped-call]

    async def _complete(self, request: ChatRequest, variant: Variant) -> Completion:
        with translate_errors(self._label, ERROR_RULES):
            response: ChatResponse = await self._clients.get().chat(
                **self._body(request, variant)
            )
        message, truncated = response.message, response.done_reason == "length"
        calls = ollama_messages.tool_calls(message)
        thoughts, text = reasoning.split(message.content or "", truncated=truncated)
        if not text and not calls:
            raise _empty(self._label, response)
        thoughts = (message.thinking or thoughts).strip()
        return _ending(response, calls).after(text, thoughts)

    async def _pieces(
        self, request: ChatRequest, variant: Variant
    ) -> AsyncGenerator[Piece, None]:
        splitter = ReasoningSplitter(is_open=self._reasoning_is_open)
        calls: tuple[ToolCall, ...] = ()
        last = ChatResponse(message=ollama_messages.EMPTY)
        has_begun = False
        with translate_errors(self._label, ERROR_RULES, lambda: has_begun):
            body = self._body(request, variant)
            response = await self._clients.get().chat(**body, stream=True)
            # It is a generator, although it is declared as an iterator.
            async with aclosing(cast("Responses", response)) as chunks:
                async for last in chunks:
                    message = last.message
                    calls += ollama_messages.tool_calls(message)
                    for piece in splitter.pieces(
                        message.thinking or "", message.content or ""
                    ):
                        has_begun = True
                        yield piece
        self._reasoning_is_open |= splitter.was_only_closed
        for piece in splitter.close(truncated=last.done_reason == "length"):
            yield piece
        if not splitter.has_answer and not calls:
            raise _empty(self._label, last)
        yield _ending(last, calls)

    def _body(self, request: ChatRequest, variant: Variant) -> dict[str, Any]:
        requested = {_OPENAI_NAMES.get(k, k): v for k, v in request.options.items()}
        wants_json = requested.get("response_format") == {"type": "json_object"}
        requested = {k: v for k, v in requested.items() if k not in _UNSUPPORTED}
        options = {**_DEFAULTS, **request.defaults, **self._config.options, **requested}
        top_level = {k: options.pop(k) for k in _TOP_LEVEL_OPTIONS if k in options}
        # Ollama has no `tool_choice`; for "none" no tool is offered.
        may_call = request.options.get("tool_choice") != "none"
        return {
            "model": self._config.model,
            "messages": ollama_messages.messages(request.messages),
            "tools": [ollama_messages.tool(item) for item in request.tools if may_call],
            "format": "json" if wants_json else _format(request, variant.output_format),
            "options": options,
            **top_level,
        }


def _ending(last: ChatResponse, calls: tuple[ToolCall, ...]) -> Ending:
    return Ending(
        last.prompt_eval_count or 0,
        last.eval_count or 0,
        last.done_reason == "length",
        calls,
    )


def _empty(label: str, last: ChatResponse) -> BadAnswer:
    if last.done_reason == "length":  # another response format would not help
        return BadAnswer(
            f"{label}: no token was left for the answer; raise num_predict"
        )
    return EmptyAnswer(f"{label}: the answer is empty ({last.done_reason}).")


def _format(
    request: ChatRequest, output_format: OutputFormat
) -> dict[str, Any] | str | None:
    if request.json_schema is None or output_format is OutputFormat.PROMPT:
        return None
    if output_format is OutputFormat.OBJECT:
        return "json"
    return dict(request.json_schema.schema)
