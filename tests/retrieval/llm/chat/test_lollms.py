"""Tests of lollms, against an HTTP server that speaks its API."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import pytest

from retrieval.llm.base import ChatRequest, Ending, Message, MessageImage, Reasoning
from retrieval.llm.chat.lollms import LollmsChat
from retrieval.llm.config import ChatConfig, EmbeddingConfig
from retrieval.llm.embeddings.lollms import LollmsEmbedder
from retrieval.llm.errors import (
    BadCredentials,
    EmptyAnswer,
    LLMError,
    ProviderDown,
    RateLimited,
    RequestRefused,
    Unreachable,
)
from tests.retrieval.llm.provider import Answer, Provider

HELLO = ChatRequest((Message("system", "Be brief."), Message("user", "Hello.")))
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


@pytest.fixture
async def chat(provider: Provider) -> AsyncGenerator[LollmsChat, None]:
    async with aclosing(
        LollmsChat(ChatConfig("lollms", "mistral", provider.url, "key-1"))
    ) as chat:
        yield chat


async def test_a_conversation_is_sent_as_one_text(
    provider: Provider, chat: LollmsChat
) -> None:
    provider.answers = [Answer("<think>Hm.</think>Hi you.", headers=PLAIN)]
    messages = (
        *HELLO.messages,
        Message("assistant", "Yes?"),
        Message("user", "Who are you?"),
    )
    completion = await chat.complete(
        ChatRequest(messages, options={"max_tokens": 9}, defaults={"temperature": 0})
    )
    assert (completion.text, completion.reasoning) == ("Hi you.", "Hm.")
    (request,) = provider.requests
    assert request.path == "/lollms_generate"
    assert request.headers["authorization"] == "Bearer key-1"
    assert request.body == {
        "prompt": "Be brief.\nuser: Hello.\nassistant: Yes?\nWho are you?",
        "model_name": "mistral",
        "personality": -1,
        "stream": False,
        "n_predict": 9,
        "temperature": 0,
    }


async def test_a_stream_is_read_piece_by_piece(
    provider: Provider, chat: LollmsChat
) -> None:
    umlaut = "ü".encode()
    parts = ["<think>Hm.</think>", b"Gr" + umlaut[:1], umlaut[1:] + b"n\n", " is"]
    provider.answers = [Answer(parts)]  # text/event-stream, but plain text
    async with aclosing(chat.stream(HELLO)) as pieces:
        received = [piece async for piece in pieces]
    assert received[0] == Reasoning("Hm.")
    assert "".join(piece for piece in received if isinstance(piece, str)) == (
        "Grün\n is"
    )
    assert received[-1] == Ending()
    assert provider.requests[0].body["stream"] is True


async def test_a_whole_answer_is_cut_at_its_maximum_length(
    provider: Provider, chat: LollmsChat
) -> None:
    provider.answers = [Answer(["word " * 100])]
    completion = await chat.complete(replace(HELLO, max_chars=20))
    assert completion.truncated


@pytest.mark.parametrize("max_chars", [0, 50])
@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        (
            Answer({"status": False, "error": "CUDA out of memory"}),
            ProviderDown,
            "CUDA out of memory",
        ),
        (Answer(None), ProviderDown, "no model is loaded"),
        (Answer("", headers=PLAIN), EmptyAnswer, "empty"),
        (Answer({"detail": "Bad key"}, 401), BadCredentials, "Bad key"),
        (Answer("Slow down", 429), RateLimited, "429 Slow down"),
        (
            Answer({"detail": [{"loc": ["body", "prompt"], "msg": "missing"}]}, 422),
            RequestRefused,
            r"body\.prompt: missing",
        ),
        (Answer("starting", 503), ProviderDown, "starting"),
    ],
)
async def test_each_failure_has_its_own_error(
    provider: Provider,
    chat: LollmsChat,
    answer: Answer,
    expected: type[LLMError],
    words: str,
    max_chars: int,
) -> None:
    provider.answers = [answer]
    with pytest.raises(expected, match=words) as caught:
        await chat.complete(replace(HELLO, max_chars=max_chars))
    assert type(caught.value) is expected


async def test_images_are_refused(provider: Provider, chat: LollmsChat) -> None:
    message = Message("user", "Describe.", images=(MessageImage(b"x", "image/png"),))
    with pytest.raises(RequestRefused, match="images"):
        await chat.complete(ChatRequest((message,)))
    assert not provider.requests


async def test_an_unreachable_address_is_reported(unused_address: str) -> None:
    async with aclosing(LollmsChat(ChatConfig("lollms", "m", unused_address))) as chat:
        with pytest.raises(Unreachable):
            await chat.complete(HELLO)


async def test_each_text_is_embedded_by_its_own_request(provider: Provider) -> None:
    provider.answers = [Answer({"vector": [3.0, 4.0]})]
    config = EmbeddingConfig("lollms", "m", 2, provider.url, "key-1")
    async with aclosing(LollmsEmbedder(config)) as embedder:
        rows = await embedder.embed_documents(["one", "two"])
    assert [row.tolist() for row in rows] == [pytest.approx([0.6, 0.8])] * 2
    assert {request.path for request in provider.requests} == {"/lollms_embed"}
    texts = sorted(request.body["text"] for request in provider.requests)
    assert texts == ["one", "two"]
    assert provider.requests[0].headers["authorization"] == "Bearer key-1"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer({"status": False, "error": "invalid text"}), RequestRefused),
        (Answer("no", 401), BadCredentials),
    ],
)
async def test_a_failed_embedding_is_reported(
    provider: Provider, answer: Answer, expected: type[LLMError]
) -> None:
    provider.answers = [answer]
    config = EmbeddingConfig("lollms", "m", 2, provider.url)
    async with aclosing(LollmsEmbedder(config)) as embedder:
        with pytest.raises(expected):
            await embedder.embed_documents(["one"])
