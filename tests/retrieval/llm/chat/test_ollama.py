"""Tests of chat and embeddings through Ollama's API, against an HTTP server."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from retrieval.llm.base import (
    ChatRequest,
    Ending,
    JsonSchema,
    Message,
    MessageImage,
    Piece,
    Tool,
    ToolCall,
)
from retrieval.llm.chat.ollama import OllamaChat
from retrieval.llm.config import ChatConfig, EmbeddingConfig
from retrieval.llm.embeddings.ollama import OllamaEmbedder
from retrieval.llm.errors import (
    BadAnswer,
    BadCredentials,
    EmptyAnswer,
    LLMError,
    ProviderDown,
    ProviderTimeout,
    RateLimited,
    RequestRefused,
)
from tests.retrieval.llm.provider import Answer, Provider, ReceivedRequest

HELLO = ChatRequest((Message("user", "Hello."),))
SCHEMA = JsonSchema("keywords", {"type": "object"})
IN_JSON = ChatRequest(HELLO.messages, SCHEMA)


def chat_answer(
    content: str, reason: str = "stop", thinking: str | None = None
) -> Answer:
    message = {"role": "assistant", "content": content, "thinking": thinking}
    body = {"model": "qwen", "message": message, "done": True, "done_reason": reason}
    return Answer({**body, "prompt_eval_count": 7, "eval_count": 2})


def streamed(*contents: str, end: str = "") -> Answer:
    lines = [json.dumps(chat_answer(content).body) + "\n" for content in contents]
    return Answer([*lines, end])


@pytest.fixture
async def chat(provider: Provider) -> AsyncGenerator[OllamaChat, None]:
    options = {"temperature": 0.1, "keep_alive": "5m"}
    config = ChatConfig("ollama", "qwen", provider.url, "key", options=options)
    async with aclosing(OllamaChat(config)) as chat:
        yield chat


async def read(chat: OllamaChat) -> list[Piece]:
    async with aclosing(chat.stream(HELLO)) as pieces:
        return [piece async for piece in pieces]


async def test_an_answer_has_its_token_counts(
    provider: Provider, chat: OllamaChat
) -> None:
    provider.answers = [chat_answer("Hi.")]
    completion = await chat.complete(HELLO)
    assert (completion.text, completion.truncated) == ("Hi.", False)
    assert (completion.prompt_tokens, completion.completion_tokens) == (7, 2)


async def test_a_request_contains_configured_and_requested_options(
    provider: Provider, chat: OllamaChat
) -> None:
    provider.answers = [chat_answer("{}")]
    await chat.complete(ChatRequest(HELLO.messages, SCHEMA, {"max_tokens": 9}))
    request = provider.requests[0]
    assert request.path == "/api/chat"
    assert request.headers["authorization"] == "Bearer key"
    assert request.body["format"] == {"type": "object"}
    assert request.body["keep_alive"] == "5m"
    assert request.body["options"] == {
        "num_ctx": 32768,
        "temperature": 0.1,
        "num_predict": 9,
    }


async def test_openais_json_object_is_ollamas_format(
    provider: Provider, chat: OllamaChat
) -> None:
    provider.answers = [chat_answer("{}")]
    options = {"response_format": {"type": "json_object"}, "user": "ann", "top_p": 0.5}
    await chat.complete(ChatRequest(HELLO.messages, options=options))
    request = provider.requests[0].body
    assert request["format"] == "json"
    assert "response_format" not in request["options"]
    assert "user" not in request["options"]
    assert request["options"]["top_p"] == 0.5


async def test_a_truncated_answer_and_its_reasoning_are_returned(
    provider: Provider, chat: OllamaChat
) -> None:
    provider.answers = [chat_answer("Hi", "length", "Hm.")]
    completion = await chat.complete(HELLO)
    assert (completion.text, completion.truncated) == ("Hi", True)
    assert completion.reasoning == "Hm."


async def test_a_stream_is_read_piece_by_piece(
    provider: Provider, chat: OllamaChat
) -> None:
    provider.answers = [streamed("Hi ", "you", "")]
    assert await read(chat) == ["Hi ", "you", Ending(7, 2)]


async def test_a_stream_may_be_closed_early(
    provider: Provider, chat: OllamaChat
) -> None:
    provider.answers = [streamed(*(f"{n} " for n in range(500)))]
    async with aclosing(chat.stream(HELLO)) as pieces:
        assert await anext(pieces) == "0 "


async def test_a_stream_cut_at_the_token_limit_ends_as_truncated(
    provider: Provider, chat: OllamaChat
) -> None:
    last = json.dumps(chat_answer("", reason="length").body) + "\n"
    provider.answers = [streamed("Hi ", end=last)]
    assert await read(chat) == ["Hi ", Ending(7, 2, truncated=True)]


def calling(**arguments: Any) -> Answer:
    """Return an answer with a call of the weather tool."""
    body = chat_answer("").body
    call = {"function": {"name": "weather", "arguments": arguments}}
    return Answer(body | {"message": {**body["message"], "tool_calls": [call]}})


ASKING = ChatRequest(
    (
        Message("user", "Rain?"),
        Message("assistant", "", (ToolCall("c1", "weather", '{"city": "Paris"}'),)),
        Message("tool", "Sun.", tool_call_id="c1"),
    ),
    tools=(Tool("weather", "Tells it.", {"type": "object", "properties": {}}),),
)


async def test_tools_and_tool_calls_are_sent_in_ollamas_format(
    provider: Provider, chat: OllamaChat
) -> None:
    provider.answers = [chat_answer("Sun.")]
    await chat.complete(ASKING)
    body = provider.requests[0].body
    assert body["tools"][0]["function"]["name"] == "weather"
    called = body["messages"][1]["tool_calls"][0]["function"]
    assert called == {"name": "weather", "arguments": {"city": "Paris"}}
    assert body["messages"][2] == {
        "role": "tool",
        "content": "Sun.",
        "tool_name": "weather",
    }


async def test_tool_calls_of_the_model_are_parsed(
    provider: Provider, chat: OllamaChat
) -> None:
    provider.answers = [calling(city="Paris")]
    (call,) = (await chat.complete(ASKING)).tool_calls
    assert (call.name, json.loads(call.arguments)) == ("weather", {"city": "Paris"})
    provider.answers = [Answer([json.dumps(calling(city="Rome").body) + "\n"])]
    (ending,) = await read(chat)
    assert isinstance(ending, Ending)
    assert json.loads(ending.tool_calls[0].arguments) == {"city": "Rome"}


async def test_no_tool_is_offered_with_tool_choice_none(
    provider: Provider, chat: OllamaChat
) -> None:
    provider.answers = [chat_answer("Sun.")]
    await chat.complete(replace(ASKING, options={"tool_choice": "none"}))
    assert not provider.requests[0].body.get("tools")


async def test_an_interrupted_stream_is_an_error(
    provider: Provider, chat: OllamaChat
) -> None:
    provider.answers = [streamed("Hi", end='{"error": "runner gone"}\n')]
    with pytest.raises(ProviderDown, match="runner gone"):
        await read(chat)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (Answer({"error": "model 'qwen' not found"}, 404), RequestRefused, "not found"),
        (Answer({"error": "unauthorized"}, 401), BadCredentials, "unauthorized"),
        (Answer({"error": "busy"}, 429), RateLimited, "busy"),
        (Answer("", 500), ProviderDown, "no reason given"),
        (chat_answer(""), EmptyAnswer, "empty"),
        (Answer("<html>"), BadAnswer, "cannot be read"),
        (Answer({"done": True}), BadAnswer, "cannot be read"),
    ],
)
async def test_each_failure_has_its_own_error(
    provider: Provider,
    chat: OllamaChat,
    answer: Answer,
    error: type[LLMError],
    words: str,
) -> None:
    provider.answers = [answer]
    with pytest.raises(error, match=words) as caught:
        await chat.complete(HELLO)
    assert type(caught.value) is error
    assert str(caught.value).startswith("qwen at http://127.0.0.1")


async def test_no_answer_in_time_is_a_timeout(provider: Provider) -> None:
    provider.answers = [Answer(chat_answer("Late.").body, delay=0.5)]
    config = ChatConfig("ollama", "qwen", provider.url, timeout=0.05)
    async with aclosing(OllamaChat(config)) as chat:
        with pytest.raises(ProviderTimeout):
            await chat.complete(HELLO)
        with pytest.raises(ProviderTimeout):
            await read(chat)


async def test_an_unreachable_address_is_a_provider_that_is_down(
    unused_address: str,
) -> None:
    async with aclosing(
        OllamaChat(ChatConfig("ollama", "qwen", unused_address))
    ) as chat:
        with pytest.raises(ProviderDown, match="qwen at"):
            await chat.complete(HELLO)
        with pytest.raises(ProviderDown, match="qwen at"):
            await read(chat)


async def test_an_ollama_without_schema_support_is_asked_for_json(
    provider: Provider, chat: OllamaChat
) -> None:
    def respond(request: ReceivedRequest) -> Answer:
        if request.body["format"] == "json":
            return chat_answer("{}")
        return Answer({"error": "cannot unmarshal object into field format"}, 400)

    provider.respond = respond
    for _ in range(2):
        assert (await chat.complete(IN_JSON)).text == "{}"
    assert [type(a.body["format"]) for a in provider.requests] == [dict, str, str]


async def embed(
    provider: Provider, texts: list[str], **settings: Any
) -> np.ndarray[Any, Any]:
    config = EmbeddingConfig(
        **{
            "binding": "ollama",
            "model": "bge",
            "dimensions": 2,
            "host": provider.url,
            "batch_size": 2,
            **settings,
        }
    )
    async with aclosing(OllamaEmbedder(config)) as embedder:
        return await embedder.embed_documents(texts)


def by_length(request: ReceivedRequest) -> Answer:
    return Answer({"embeddings": [[len(text), 0.0] for text in request.body["input"]]})


async def test_texts_become_rows_of_length_one(provider: Provider) -> None:
    provider.respond = by_length
    rows = await embed(provider, ["a", "bb", "ccc"], options={"num_ctx": 512})
    assert np.allclose(rows, [[1.0, 0.0]] * 3)
    assert sorted(len(a.body["input"]) for a in provider.requests) == [1, 2]
    assert provider.requests[0].body["options"] == {"num_ctx": 512}


async def test_an_embedding_is_retried_when_ollama_is_busy(
    provider: Provider,
) -> None:
    turns = iter([Answer({"error": "loading model"}, 503)])
    provider.respond = lambda request: next(turns, None) or by_length(request)
    assert len(await embed(provider, ["a"])) == 1
    assert len(provider.requests) == 2


async def test_an_image_is_sent_in_base64(provider: Provider, chat: OllamaChat) -> None:
    provider.answers = [chat_answer("A bridge.")]
    image = MessageImage(b"\x89PNG", "image/png")
    await chat.complete(ChatRequest((Message("user", "Describe.", images=(image,)),)))
    message = provider.requests[0].body["messages"][0]
    assert (message["content"], message["images"]) == ("Describe.", ["iVBORw=="])
