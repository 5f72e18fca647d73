"""Chat by Ollama's own API, which has options that its /v1 lacks."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, cast

from ollama import AsyncClient, ChatResponse

from retrieval.llm import ollama_client
from retrieval.llm.base import ChatRequest, Completion
from retrieval.llm.config import ChatConfig
from retrieval.llm.errors import BadAnswer, CutOff
from retrieval.llm.json_ladder import JsonLadder, Step
from retrieval.llm.ollama_client import mapped
from retrieval.llm.per_loop import PerLoop
from retrieval.llm.thinking import Thinking, joined

Pieces = AsyncGenerator[ChatResponse, None]
_DEFAULTS: Mapping[str, Any] = {"num_ctx": 32768}
"""Ollama's own default cuts a long prompt without a word; upstream's example is this."""
_BESIDE_OPTIONS = ("think", "keep_alive")
_OPENAI_NAMES = {"max_tokens": "num_predict", "max_completion_tokens": "num_predict"}
_NOT_OLLAMAS = ("response_format", "user", "logit_bias", "reasoning_effort")
"""What OpenAI's clients may ask for, and Ollama has no option for."""


class OllamaChat:
    """A chat model behind `/api/chat`."""

    def __init__(self, config: ChatConfig) -> None:
        self._config = config
        self._where = ollama_client.where(config)
        self._clients: PerLoop[AsyncClient] = PerLoop(
            lambda: ollama_client.make(config)
        )
        self._ladder = JsonLadder(self._where)
        self.identity = f"ollama:{config.model}@{config.host}"

    async def complete(self, request: ChatRequest) -> Completion:
        response = await self._ladder.descend(
            request, lambda step: self._completed(request, step)
        )
        said = response.message.content
        if not said:
            reason = response.done_reason
            raise BadAnswer(f"{self._where}: the answer is empty ({reason}).")
        return Completion(
            joined(response.message.thinking or "", said),
            response.prompt_eval_count or 0,
            response.eval_count or 0,
            truncated=response.done_reason == "length",
        )

    async def stream(self, request: ChatRequest) -> AsyncGenerator[str, None]:
        """Raises BadAnswer at its end when nothing was said, CutOff when not all was."""
        thinking = Thinking()
        cut_off = False
        body = self._body(request, self._ladder.step(request))
        with mapped(self._where):
            begun = await self._clients.get().chat(**body, stream=True)
            # A generator, though it is declared as an iterator.
            async with aclosing(cast("Pieces", begun)) as pieces:
                async for piece in pieces:
                    cut_off = cut_off or piece.done_reason == "length"
                    if text := _piece(piece, thinking):
                        yield text
        if tag := thinking.end():
            yield tag
        if not thinking.said_something:
            raise BadAnswer(f"{self._where}: the answer is empty.")
        if cut_off:
            raise CutOff

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        client = self._clients.pop()
        if client is not None:
            await client.close()  # type: ignore[no-untyped-call]

    async def _completed(self, request: ChatRequest, step: Step) -> ChatResponse:
        with mapped(self._where):
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
        return {
            "model": self._config.model,
            "messages": [
                {"role": m.role, "content": m.content} for m in request.messages
            ],
            "format": "json" if wants_json else _format(request, step),
            "options": options,
            **beside,
        }


def _piece(piece: ChatResponse, thinking: Thinking) -> str:
    message = piece.message
    return thinking.piece(message.thinking or "", message.content or "")


def _format(request: ChatRequest, step: Step) -> dict[str, Any] | str | None:
    if request.json_schema is None or step is Step.PROMPT:
        return None
    return "json" if step is Step.OBJECT else dict(request.json_schema.schema)
