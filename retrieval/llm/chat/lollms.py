"""Chat through lollms' own API: a text is continued, without roles, tools or formats."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import httpx

from retrieval.llm import reasoning
from retrieval.llm.base import ChatRequest, Completion, Ending, Piece
from retrieval.llm.clients import error_bodies, http
from retrieval.llm.clients.http_errors import HTTPX_RULES, translate_errors
from retrieval.llm.config import LOLLMS_HOST, ChatConfig
from retrieval.llm.errors import EmptyAnswer, RequestRefused
from retrieval.llm.event_loop import PerEventLoop
from retrieval.llm.reasoning import ReasoningSplitter

_OPTIONS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "seed": "seed",
    "max_tokens": "n_predict",
    "max_completion_tokens": "n_predict",
}
"""Options of OpenAI's clients, and their names in the API."""


class LollmsChat:
    """A chat model behind `/lollms_generate`."""

    calls_tools = False

    def __init__(self, config: ChatConfig) -> None:
        self._config = config
        host = config.host or LOLLMS_HOST
        self._label = f"{config.model} at {host}"
        self._clients = PerEventLoop(lambda: http.make(config, host))
        self.identity = f"lollms:{config.model}@{config.host}"

    async def complete(self, request: ChatRequest) -> Completion:
        if request.max_chars:
            return await self._collect(request)
        with translate_errors(self._label, HTTPX_RULES):
            response = await self._clients.get().post(
                "/lollms_generate", json=self._body(request, stream=False)
            )
            await self._check(response)
        thoughts, text = reasoning.split(response.text)
        if not text.strip():
            raise EmptyAnswer(f"{self._label}: the answer is empty.")
        return Completion(text, reasoning=thoughts)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Piece, None]:
        """Yield the answer; raise EmptyAnswer at the end if it was empty."""
        splitter = ReasoningSplitter()
        has_begun = False
        with translate_errors(self._label, HTTPX_RULES, lambda: has_begun):
            body = self._body(request, stream=True)
            async with self._clients.get().stream(
                "POST", "/lollms_generate", json=body
            ) as response:
                await self._check(response)
                async for text in response.aiter_text():
                    has_begun = True
                    for piece in splitter.pieces("", text):
                        yield piece
        for piece in splitter.close(truncated=False):
            yield piece
        if not splitter.has_answer:
            raise EmptyAnswer(f"{self._label}: the answer is empty.")
        yield Ending()

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        client = self._clients.pop()
        if client is not None:
            await client.aclose()

    async def _collect(self, request: ChatRequest) -> Completion:
        """Return a streamed answer, cut at the request's `max_chars`."""
        return await reasoning.collect(self.stream(request), request.max_chars)

    async def _check(self, response: httpx.Response) -> None:
        """Raise the error of a response. Answers are plain text; JSON is an error.

        The JSON is `null` if no model is loaded.
        """
        await http.check(response, self._label)
        if response.headers.get("content-type", "").startswith("application/json"):
            await response.aread()
            raise error_bodies.as_error(
                response.json() or {"error": "no model is loaded"}, self._label
            )

    def _body(self, request: ChatRequest, *, stream: bool) -> dict[str, Any]:
        merged = {**request.defaults, **self._config.options, **request.options}
        options = {
            _OPTIONS[name]: value for name, value in merged.items() if name in _OPTIONS
        }
        return {
            "prompt": _prompt(request),
            "model_name": self._config.model,
            "personality": -1,  # none: the prompt alone is continued
            "stream": stream,
            **options,
        }


def _prompt(request: ChatRequest) -> str:
    """Return the conversation as one text, as LightRAG writes it."""
    if any(message.images for message in request.messages):
        raise RequestRefused("The binding lollms does not accept images.")
    *earlier, last = request.messages
    lines = [
        message.content
        if message.role in ("system", "developer")
        else f"{message.role}: {message.content}"
        for message in earlier
    ]
    return "\n".join([*lines, last.content])
