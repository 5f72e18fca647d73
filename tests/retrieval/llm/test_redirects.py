"""Redirects of providers are not followed: texts go to the configured host only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from typing import Any

import pytest

from retrieval.llm.base import ChatRequest, Message
from retrieval.llm.chat.ollama import OllamaChat
from retrieval.llm.chat.openai import OpenAIChat
from retrieval.llm.config import ChatConfig, EmbeddingConfig, RerankConfig
from retrieval.llm.embeddings.ollama import OllamaEmbedder
from retrieval.llm.embeddings.openai import OpenAIEmbedder
from retrieval.llm.errors import LLMError
from retrieval.llm.rerank.api import HttpReranker
from tests.retrieval.llm.provider import Answer, Provider

REQUESTS = ChatRequest((Message("user", "What the documents say."),))
Send = Callable[[str], Any]


async def drained(parts: AsyncIterator[Any]) -> None:
    async for _ in parts:
        pass


async def chat(client: Any) -> None:
    async with aclosing(client) as model:
        await model.complete(REQUESTS)


async def streamed(client: Any) -> None:
    async with aclosing(client) as model:
        await drained(model.stream(REQUESTS))


async def embedded(client: Any) -> None:
    async with aclosing(client) as model:
        await model.embed_queries(["What is asked."])


async def reranked(client: Any) -> None:
    async with aclosing(client) as model:
        await model.rerank("What is asked.", ["What the documents say."], 1)


ASKING: dict[str, Send] = {
    "openai": lambda url: chat(OpenAIChat(ChatConfig("openai", "gpt", url))),
    "openai stream": lambda url: streamed(OpenAIChat(ChatConfig("openai", "gpt", url))),
    "openai embedding": lambda url: embedded(
        OpenAIEmbedder(EmbeddingConfig("openai", "e", host=url, dimensions=2))
    ),
    "ollama": lambda url: chat(OllamaChat(ChatConfig("ollama", "qwen", url))),
    "ollama stream": lambda url: streamed(OllamaChat(ChatConfig("ollama", "q", url))),
    "ollama embedding": lambda url: embedded(
        OllamaEmbedder(EmbeddingConfig("ollama", "e", host=url, dimensions=2))
    ),
    "rerank": lambda url: reranked(HttpReranker(RerankConfig("cohere", host=url))),
}


@pytest.fixture
def other_host() -> Iterator[Provider]:
    with Provider() as server:
        server.answers = [Answer({})]
        yield server


@pytest.mark.parametrize("status", [302, 307, 308])
@pytest.mark.parametrize("ask", ASKING.values(), ids=ASKING)
async def test_a_redirect_is_not_followed(
    provider: Provider, other_host: Provider, ask: Send, status: int
) -> None:
    provider.answers = [Answer({}, status, {"Location": f"{other_host.url}/steal"})]
    with pytest.raises(LLMError, match="redirects are not followed"):
        await ask(provider.url)
    assert other_host.requests == []
