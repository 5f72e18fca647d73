"""Chat through OpenAI's API: OpenAI, Azure OpenAI and every compatible server."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from openai import AsyncOpenAI, AsyncStream
from openai.types.chat import ChatCompletionChunk

from retrieval.llm import reasoning
from retrieval.llm.base import ChatRequest, Completion, Piece
from retrieval.llm.chat import openai_answer, openai_request
from retrieval.llm.chat.openai_answer import AnswerReader
from retrieval.llm.chat.refusals import Refusals, Variant
from retrieval.llm.clients import openai
from retrieval.llm.clients.http_errors import translate_errors
from retrieval.llm.clients.openai_errors import ERROR_RULES
from retrieval.llm.config import ChatConfig
from retrieval.llm.event_loop import PerEventLoop

Body = dict[str, Any]
_WITH_USAGE = {"stream_options": {"include_usage": True}}


class OpenAIChat:
    """A chat model behind `/chat/completions`."""

    calls_tools = True

    def __init__(self, config: ChatConfig) -> None:
        self._config = config
        self._label = openai.label(config)
        self._clients: PerEventLoop[AsyncOpenAI] = PerEventLoop(
            lambda: openai.make(config), AsyncOpenAI.close
        )
        self._refusals = Refusals(self._label)
        self._reasoning_is_open = False
        """Whether the opening tag of the reasoning is part of the model's prompt."""
        self.identity = f"{config.binding}:{config.model}@{config.host}"

    async def complete(self, request: ChatRequest) -> Completion:
        send = self._collect if request.max_chars else self._complete
        return await self._refusals.send(
            request, self._options(request), lambda variant: send(request, variant)
        )

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Piece, None]:
        """Yield the answer; raise BadAnswer at the end if it was empty."""
        response = await self._refusals.send(
            request,
            {*self._options(request), *_WITH_USAGE},
            lambda variant: self._open_stream(request, variant),
        )
        async with aclosing(self._read(response)) as pieces:
            async for piece in pieces:
                yield piece

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        await self._clients.close()

    def _options(self, request: ChatRequest) -> Body:
        return openai_request.options(self._config.options, request)

    async def _complete(self, request: ChatRequest, variant: Variant) -> Completion:
        arguments = openai_request.arguments(self._config.options, request, variant)
        with translate_errors(self._label, ERROR_RULES):
            response = (
                await self._clients.get().chat.completions.with_raw_response.create(
                    model=self._config.model, stream=False, **arguments
                )
            )
            text = response.text
        reader = AnswerReader(self._label, reasoning_is_open=self._reasoning_is_open)
        pieces = reader.pieces([text.encode()])
        self._learn(reader)
        return reasoning.whole_answer([*pieces, *reader.close()])

    async def _collect(self, request: ChatRequest, variant: Variant) -> Completion:
        """Return a streamed answer, cut at the request's `max_chars`."""
        response = await self._open_stream(request, variant)
        return await reasoning.collect(self._read(response), request.max_chars)

    async def _read(
        self, response: AsyncStream[ChatCompletionChunk]
    ) -> AsyncGenerator[Piece, None]:
        reader = AnswerReader(self._label, reasoning_is_open=self._reasoning_is_open)
        has_begun = False
        with translate_errors(self._label, ERROR_RULES, lambda: has_begun):
            async with response:
                received = response.response.aiter_bytes()
                async for batch in openai_answer.events(received):
                    for piece in reader.pieces(batch):
                        has_begun = True
                        yield piece
        self._learn(reader)
        for piece in reader.close():
            yield piece

    async def _open_stream(
        self, request: ChatRequest, variant: Variant
    ) -> AsyncStream[ChatCompletionChunk]:
        arguments = openai_request.arguments(self._config.options, request, variant)
        arguments["extra_body"] |= variant.options(_WITH_USAGE)
        with translate_errors(self._label, ERROR_RULES):
            stream: AsyncStream[
                ChatCompletionChunk
            ] = await self._clients.get().chat.completions.create(
                model=self._config.model, stream=True, **arguments
            )
            return stream

    def _learn(self, reader: AnswerReader) -> None:
        self._reasoning_is_open |= reader.was_only_closed
