"""Chat by Ollama's own API, which has options that its /v1 lacks."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, cast

from ollama import AsyncClient, ChatResponse

from retrieval.llm.base import ChatRequest, Completion, Ending, Piece, ToolCall
from retrieval.llm.chat import ollama_messages
from retrieval.llm.chat.reasoning import Thinking, joined
from retrieval.llm.chat.structured_output import JsonLadder, Step
from retrieval.llm.clients import ollama
from retrieval.llm.clients.ollama import translate_errors
from retrieval.llm.config import ChatConfig
from retrieval.llm.errors import BadAnswer
from retrieval.llm.event_loop import PerEventLoop

Pieces = AsyncGenerator[ChatResponse, None]
_DEFAULTS: Mapping[str, Any] = {"num_ctx": 32768}
"""Ollama's own default cuts a long prompt without a word; upstream's example is this."""
_BESIDE_OPTIONS = ("think", "keep_alive")
_OPENAI_NAMES = {"max_tokens": "num_predict", "max_completion_tokens": "num_predict"}
_NOT_OLLAMAS = (
    "response_format",
    "user",
    "logit_bias",
    "reasoning_effort",
    "tool_choice",
    "parallel_tool_calls",
)
"""What OpenAI's clients may ask for, and Ollama has no option for."""


class OllamaChat:
    """A chat model behind `/api/chat`."""

    calls_tools = True

    def __init__(self, config: ChatConfig) -> None:
        self._config = config
        self._label = ollama.label(config)
        self._clients: PerEventLoop[AsyncClient] = PerEventLoop(
            lambda: ollama.make(config)
        )
        self._ladder = JsonLadder(self._label)
        self.identity = f"ollama:{config.model}@{config.host}"

    async def complete(self, request: ChatRequest) -> Completion:
        response = await self._ladder.descend(
            request, lambda step: self._completed(request, step)
        )
        message = response.message
        calls = ollama_messages.tool_calls(message)
        if not message.content and not calls:
            reason = response.done_reason
            raise BadAnswer(f"{self._label}: the answer is empty ({reason}).")
        text = joined(message.thinking or "", message.content or "")
        return _ending(response, calls).after(text)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Piece, None]:
        """Raises BadAnswer at its end when nothing was said."""
        thinking = Thinking()
        calls: tuple[ToolCall, ...] = ()
        last = ChatResponse(message=ollama_messages.NOTHING)
        body = self._body(request, self._ladder.step(request))
        with translate_errors(self._label):
            begun = await self._clients.get().chat(**body, stream=True)
            # A generator, though it is declared as an iterator.
            async with aclosing(cast("Pieces", begun)) as pieces:
                async for last in pieces:
                    calls += ollama_messages.tool_calls(last.message)
                    if text := _piece(last, thinking):
                        yield text
        if tag := thinking.end():
            yield tag
        if not thinking.said_something and not calls:
            raise BadAnswer(f"{self._label}: the answer is empty.")
        yield _ending(last, calls)

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        client = self._clients.pop()
        if client is not None:
            await client.close()  # type: ignore[no-untyped-call]

    async def _completed(self, request: ChatRequest, step: Step) -> ChatResponse:
        with translate_errors(self._label):
            response: ChatResponse = await self._clients.get().chat(
                **self._body(request, step)
            )
            return response

    def _body(self, request: ChatRequest, step: Step) -> dict[str, Any]:
        asked = {_OPENAI_NAMES.get(k, k): v for k, v in request.options.items()}
        wants_json = asked.get("response_format") == {"type": "json_object"}
        asked = {k: v for k, v in asked.items() if k not in _NOT_OLLAMAS}
        options = {**_DEFAULTS, **self._config.options, **asked}
        beside = {k: options.pop(k) for k in _BESIDE_OPTIONS if k in options}
        # Ollama has no `tool_choice`: all that can be done is to offer none.
        may_call = request.options.get("tool_choice") != "none"
        return {
            "model": self._config.model,
            "messages": ollama_messages.of(request.messages),
            "tools": [ollama_messages.tool(one) for one in request.tools if may_call],
            "format": "json" if wants_json else _format(request, step),
            "options": options,
            **beside,
        }


def _ending(last: ChatResponse, calls: tuple[ToolCall, ...]) -> Ending:
    return Ending(
        last.prompt_eval_count or 0,
        last.eval_count or 0,
        last.done_reason == "length",
        calls,
    )


def _piece(piece: ChatResponse, thinking: Thinking) -> str:
    message = piece.message
    return thinking.piece(message.thinking or "", message.content or "")


def _format(request: ChatRequest, step: Step) -> dict[str, Any] | str | None:
    if request.json_schema is None or step is Step.PROMPT:
        return None
    return "json" if step is Step.OBJECT else dict(request.json_schema.schema)
