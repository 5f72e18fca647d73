"""Chat through OpenAI's API: OpenAI, Azure OpenAI and every compatible server."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from openai import AsyncOpenAI, AsyncStream
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionMessage

from retrieval.llm.base import ChatRequest, Completion, Piece, ToolCall
from retrieval.llm.chat import openai_request, openai_stream, reasoning
from retrieval.llm.chat.openai_stream import StreamReader
from retrieval.llm.chat.structured_output import OutputFormat, StructuredOutputFallback
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
        self._fallback = StructuredOutputFallback(self._label)
        self._supports_stream_options = True
        self.identity = f"{config.binding}:{config.model}@{config.host}"

    async def complete(self, request: ChatRequest) -> Completion:
        completion = await self._fallback.send(
            request, lambda output_format: self._complete(request, output_format)
        )
        return _completion(completion, self._label)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Piece, None]:
        """Yield the answer; raise BadAnswer at the end if it was empty."""
        reader = StreamReader(self._label)
        response = await self._fallback.send(
            request, lambda output_format: self._open_stream(request, output_format)
        )
        with translate_errors(self._label):
            async with response:
                received = response.response.aiter_bytes()
                async for batch in openai_stream.events(received):
                    if text := reader.text(batch):
                        yield text
        if text := reader.close():
            yield text
        yield reader.ending()

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        for client in (self._clients.pop(), self._streaming.pop()):
            if client is not None:
                await client.close()

    async def _complete(
        self, request: ChatRequest, output_format: OutputFormat
    ) -> ChatCompletion:
        body = openai_request.body(self._config.options, request, output_format)
        with translate_errors(self._label):
            completion: ChatCompletion = (
                await self._clients.get().chat.completions.create(
                    model=self._config.model, stream=False, **body
                )
            )
            return completion

    async def _open_stream(
        self, request: ChatRequest, output_format: OutputFormat
    ) -> AsyncStream[ChatCompletionChunk]:
        body = openai_request.body(self._config.options, request, output_format)
        if self._supports_stream_options:
            try:
                return await self._create_stream(
                    {"stream_options": _WITH_USAGE, **body}
                )
            except RequestRefused as error:
                # Some servers do not support this field.
                if "stream_options" not in str(error):
                    raise
                self._supports_stream_options = False
        return await self._create_stream(body)

    async def _create_stream(
        self, body: dict[str, Any]
    ) -> AsyncStream[ChatCompletionChunk]:
        with translate_errors(self._label):
            stream: AsyncStream[
                ChatCompletionChunk
            ] = await self._streaming.get().chat.completions.create(
                model=self._config.model, stream=True, **body
            )
            return stream


def _completion(completion: ChatCompletion, label: str) -> Completion:
    choices = getattr(completion, "choices", None)
    if not choices:
        raise BadAnswer(f"{label}: no answer in {_quote(completion)}")
    message, reason = choices[0].message, choices[0].finish_reason
    if message.refusal or reason == "content_filter":
        raise RequestRefused(f"{label}: {message.refusal or 'filtered content'}")
    calls = _calls(message)
    if not message.content and not calls:
        raise BadAnswer(f"{label}: the answer is empty (finish_reason {reason}).")
    usage = completion.usage
    return Completion(
        _text(message),
        usage.prompt_tokens if usage else 0,
        usage.completion_tokens if usage else 0,
        reason == "length",
        calls,
    )


def _text(message: ChatCompletionMessage) -> str:
    extra = message.model_extra or {}
    return reasoning.join(reasoning.reasoning_of(extra), message.content or "")


def _calls(message: ChatCompletionMessage) -> tuple[ToolCall, ...]:
    return tuple(
        ToolCall(call.id, call.function.name, call.function.arguments)
        for call in message.tool_calls or ()
        if call.type == "function"
    )


def _quote(answer: object) -> str:
    """Return the start of the answer, or the error: some servers send one with status 200."""
    extra = getattr(answer, "model_extra", None) or {}
    return str(extra.get("error") or answer)[:300]
