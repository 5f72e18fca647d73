"""Chat by OpenAI's API: OpenAI, Azure OpenAI and every compatible server."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from openai import AsyncOpenAI, AsyncStream
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionMessage

from retrieval.llm.base import ChatRequest, Completion, Piece, ToolCall
from retrieval.llm.chat import openai_request, openai_stream
from retrieval.llm.chat.openai_stream import StreamReader
from retrieval.llm.chat.reasoning import joined, thought
from retrieval.llm.chat.structured_output import JsonLadder, Step
from retrieval.llm.clients import openai
from retrieval.llm.clients.openai_errors import translate_errors
from retrieval.llm.config import ChatConfig
from retrieval.llm.errors import BadAnswer, RequestRefused
from retrieval.llm.event_loop import PerEventLoop

_WITH_USAGE = {"include_usage": True}


class OpenAIChat:
    """A chat model behind `/chat/completions`."""

    calls_tools = True

    def __init__(self, config: ChatConfig) -> None:
        self._config = config
        self._label = openai.label(config)
        self._clients: PerEventLoop[AsyncOpenAI] = PerEventLoop(
            lambda: openai.make(config)
        )
        self._streaming: PerEventLoop[AsyncOpenAI] = PerEventLoop(
            lambda: openai.make_for_streams(config)
        )
        self._ladder = JsonLadder(self._label)
        self._tells_usage = True
        self.identity = f"{config.binding}:{config.model}@{config.host}"

    async def complete(self, request: ChatRequest) -> Completion:
        completion = await self._ladder.descend(
            request, lambda step: self._completed(request, step)
        )
        return _read(completion, self._label)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Piece, None]:
        """Raises BadAnswer at its end when nothing was said."""
        reader = StreamReader(self._label)
        begun = await self._ladder.descend(
            request, lambda step: self._streamed(request, step)
        )
        with translate_errors(self._label):
            async with begun:
                async for found in openai_stream.events(begun.response.aiter_bytes()):
                    if text := reader.words(found):
                        yield text
        if text := reader.rest():
            yield text
        yield reader.ending()

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        for client in (self._clients.pop(), self._streaming.pop()):
            if client is not None:
                await client.close()

    async def _completed(self, request: ChatRequest, step: Step) -> ChatCompletion:
        body = openai_request.body(self._config.options, request, step)
        with translate_errors(self._label):
            found: ChatCompletion = await self._clients.get().chat.completions.create(
                model=self._config.model, stream=False, **body
            )
            return found

    async def _streamed(
        self, request: ChatRequest, step: Step
    ) -> AsyncStream[ChatCompletionChunk]:
        body = openai_request.body(self._config.options, request, step)
        if self._tells_usage:
            try:
                return await self._begun({"stream_options": _WITH_USAGE, **body})
            except RequestRefused as error:
                # Some servers know no such field, and will not know it next time.
                if "stream_options" not in str(error):
                    raise
                self._tells_usage = False
        return await self._begun(body)

    async def _begun(self, body: dict[str, Any]) -> AsyncStream[ChatCompletionChunk]:
        with translate_errors(self._label):
            begun: AsyncStream[
                ChatCompletionChunk
            ] = await self._streaming.get().chat.completions.create(
                model=self._config.model, stream=True, **body
            )
            return begun


def _read(completion: ChatCompletion, label: str) -> Completion:
    choices = getattr(completion, "choices", None)
    if not choices:
        raise BadAnswer(f"{label}: no answer in {_shown(completion)}")
    message, reason = choices[0].message, choices[0].finish_reason
    if message.refusal or reason == "content_filter":
        raise RequestRefused(f"{label}: {message.refusal or 'filtered content'}")
    calls = _calls(message)
    if not message.content and not calls:
        raise BadAnswer(f"{label}: the answer is empty (finish_reason {reason}).")
    usage = completion.usage
    return Completion(
        joined(thought(message.model_extra or {}), message.content or ""),
        usage.prompt_tokens if usage else 0,
        usage.completion_tokens if usage else 0,
        reason == "length",
        calls,
    )


def _calls(message: ChatCompletionMessage) -> tuple[ToolCall, ...]:
    return tuple(
        ToolCall(call.id, call.function.name, call.function.arguments)
        for call in message.tool_calls or ()
        if call.type == "function"
    )


def _shown(answer: object) -> str:
    """Some compatible servers send an error as status 200, or a page of HTML."""
    extra = getattr(answer, "model_extra", None) or {}
    return str(extra.get("error") or answer)[:300]
