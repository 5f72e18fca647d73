"""Chat through Ollama's own API, which has options that its /v1 lacks."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, cast

from ollama import AsyncClient, ChatResponse

from retrieval.llm.base import ChatRequest, Completion, Ending, Piece, ToolCall
from retrieval.llm.chat import ollama_messages, reasoning
from retrieval.llm.chat.reasoning import ReasoningJoiner
from retrieval.llm.chat.structured_output import OutputFormat, StructuredOutputFallback
from retrieval.llm.clients import ollama
from retrieval.llm.clients.ollama import translate_errors
from retrieval.llm.config import ChatConfig
from retrieval.llm.errors import BadAnswer
from retrieval.llm.event_loop import PerEventLoop

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


class OllamaChat:
    """A chat model behind `/api/chat`."""

    calls_tools = True

    def __init__(self, config: ChatConfig) -> None:
        self._config = config
        self._label = ollama.label(config)
        self._clients: PerEventLoop[AsyncClient] = PerEventLoop(
            lambda: ollama.make(config)
        )
        self._fallback = StructuredOutputFallback(self._label)
        self.identity = f"ollama:{config.model}@{config.host}"

    async def complete(self, request: ChatRequest) -> Completion:
        response = await self._fallback.send(
            request, lambda output_format: self._complete(request, output_format)
        )
        message = response.message
        calls = ollama_messages.tool_calls(message)
        if not message.content and not calls:
            reason = response.done_reason
            raise BadAnswer(f"{self._label}: the answer is empty ({reason}).")
        text = reasoning.join(message.thinking or "", message.content or "")
        return _ending(response, calls).after(text)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Piece, None]:
        """Yield the answer; raise BadAnswer at the end if it was empty."""
        joiner = ReasoningJoiner()
        calls: tuple[ToolCall, ...] = ()
        last = ChatResponse(message=ollama_messages.EMPTY)
        body = self._body(request, self._fallback.format_for(request))
        with translate_errors(self._label):
            response = await self._clients.get().chat(**body, stream=True)
            # It is a generator, although it is declared as an iterator.
            async with aclosing(cast("Responses", response)) as chunks:
                async for last in chunks:
                    calls += ollama_messages.tool_calls(last.message)
                    if text := _text(last, joiner):
                        yield text
        if tag := joiner.close():
            yield tag
        if not joiner.has_answer and not calls:
            raise BadAnswer(f"{self._label}: the answer is empty.")
        yield _ending(last, calls)

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        client = self._clients.pop()
        if client is not None:
            await client.close()  # type: ignore[no-untyped-call]

    async def _complete(
        self, request: ChatRequest, output_format: OutputFormat
    ) -> ChatResponse:
        with translate_errors(self._label):
            response: ChatResponse = await self._clients.get().chat(
                **self._body(request, output_format)
            )
            return response

    def _body(
        self, request: ChatRequest, output_format: OutputFormat
    ) -> dict[str, Any]:
        own = {_OPENAI_NAMES.get(k, k): v for k, v in request.options.items()}
        wants_json = own.get("response_format") == {"type": "json_object"}
        own = {k: v for k, v in own.items() if k not in _UNSUPPORTED}
        options = {**_DEFAULTS, **self._config.options, **own}
        top_level = {k: options.pop(k) for k in _TOP_LEVEL_OPTIONS if k in options}
        # Ollama has no `tool_choice`; for "none" no tool is offered.
        may_call = request.options.get("tool_choice") != "none"
        return {
            "model": self._config.model,
            "messages": ollama_messages.messages(request.messages),
            "tools": [ollama_messages.tool(item) for item in request.tools if may_call],
            "format": "json" if wants_json else _format(request, output_format),
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


def _text(chunk: ChatResponse, joiner: ReasoningJoiner) -> str:
    message = chunk.message
    return joiner.piece(message.thinking or "", message.content or "")


def _format(
    request: ChatRequest, output_format: OutputFormat
) -> dict[str, Any] | str | None:
    if request.json_schema is None or output_format is OutputFormat.PROMPT:
        return None
    if output_format is OutputFormat.OBJECT:
        return "json"
    return dict(request.json_schema.schema)
