"""Chat by OpenAI's API: OpenAI, Azure OpenAI and every compatible server."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from openai import AsyncOpenAI, AsyncStream
from openai.resources.chat.completions import AsyncCompletions
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from retrieval.llm import openai_client
from retrieval.llm.base import ChatRequest, Completion
from retrieval.llm.config import ChatConfig
from retrieval.llm.errors import BadAnswer, CutOff, RequestRefused
from retrieval.llm.json_ladder import JsonLadder, Step
from retrieval.llm.openai_errors import mapped
from retrieval.llm.per_loop import PerLoop
from retrieval.llm.thinking import Thinking, joined

_KNOWN_OPTIONS = frozenset(inspect.signature(AsyncCompletions.create).parameters)
_LENGTHS = ("max_tokens", "max_completion_tokens")


class OpenAIChat:
    """A chat model behind `/chat/completions`."""

    def __init__(self, config: ChatConfig) -> None:
        self._config = config
        self._where = openai_client.where(config)
        self._clients: PerLoop[AsyncOpenAI] = PerLoop(
            lambda: openai_client.make(config)
        )
        self._ladder = JsonLadder(self._where)
        self.identity = f"{config.binding}:{config.model}@{config.host}"

    async def complete(self, request: ChatRequest) -> Completion:
        completion = await self._ladder.descend(
            request, lambda step: self._completed(request, step)
        )
        return _read(completion, self._where)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[str, None]:
        """Raises BadAnswer at its end when nothing was said, CutOff when not all was."""
        thinking = Thinking()
        cut_off = False
        begun = await self._ladder.descend(
            request, lambda step: self._streamed(request, step)
        )
        with mapped(self._where):
            async with begun as chunks:
                async for chunk in chunks:
                    cut_off = cut_off or _is_last_of_cut(chunk)
                    if text := _piece(chunk, thinking):
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
            await client.close()

    async def _completed(self, request: ChatRequest, step: Step) -> ChatCompletion:
        with mapped(self._where):
            found: ChatCompletion = await self._create(request, step, stream=False)
            return found

    async def _streamed(
        self, request: ChatRequest, step: Step
    ) -> AsyncStream[ChatCompletionChunk]:
        with mapped(self._where):
            begun: AsyncStream[ChatCompletionChunk] = await self._create(
                request, step, stream=True
            )
            return begun

    async def _create(self, request: ChatRequest, step: Step, *, stream: bool) -> Any:
        options = _options(self._config.options, request.options)
        messages: Any = [
            {"role": m.role, "content": m.content} for m in request.messages
        ]
        wanted = _response_format(request, step)
        if wanted:
            options["response_format"] = wanted
        return await self._clients.get().chat.completions.create(
            model=self._config.model,
            messages=messages,
            stream=stream,
            **options,
        )


def _options(configured: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Both, the request's first; what the package has no name for goes as it is."""
    merged = {**configured, **asked}
    if any(name in asked for name in _LENGTHS):
        merged = {k: v for k, v in merged.items() if k in asked or k not in _LENGTHS}
    known = {name: value for name, value in merged.items() if name in _KNOWN_OPTIONS}
    others = {k: v for k, v in merged.items() if k not in _KNOWN_OPTIONS}
    if others:
        known["extra_body"] = {**others, **known.get("extra_body", {})}
    return known


def _response_format(request: ChatRequest, step: Step) -> dict[str, Any] | None:
    schema = request.json_schema
    if schema is None or step is Step.PROMPT:
        return None
    if step is Step.OBJECT:
        return {"type": "json_object"}
    held = {"name": schema.name, "schema": dict(schema.schema), "strict": True}
    return {"type": "json_schema", "json_schema": held}


def _read(completion: ChatCompletion, where: str) -> Completion:
    choices = getattr(completion, "choices", None)
    if not choices:
        raise BadAnswer(f"{where}: no answer in {_shown(completion)}")
    message, reason = choices[0].message, choices[0].finish_reason
    if message.refusal or reason == "content_filter":
        raise RequestRefused(f"{where}: {message.refusal or 'filtered content'}")
    if not message.content:
        raise BadAnswer(f"{where}: the answer is empty (finish_reason {reason}).")
    usage = completion.usage
    return Completion(
        joined(_thought(message.model_extra), message.content),
        usage.prompt_tokens if usage else 0,
        usage.completion_tokens if usage else 0,
        truncated=reason == "length",
    )


def _shown(answer: object) -> str:
    """Some compatible servers send an error as status 200, or a page of HTML."""
    extra = getattr(answer, "model_extra", None) or {}
    return str(extra.get("error") or answer)[:300]


def _piece(chunk: ChatCompletionChunk, thinking: Thinking) -> str:
    if not chunk.choices:
        return ""
    delta = chunk.choices[0].delta
    return thinking.piece(_thought(delta.model_extra), delta.content or "")


def _is_last_of_cut(chunk: ChatCompletionChunk) -> bool:
    return bool(chunk.choices) and chunk.choices[0].finish_reason == "length"


def _thought(extra: Mapping[str, Any] | None) -> str:
    """`reasoning_content` (DeepSeek, vLLM, Qwen) or `reasoning` (OpenRouter, Groq)."""
    found = (extra or {}).get("reasoning_content") or (extra or {}).get("reasoning")
    return found if isinstance(found, str) else ""
