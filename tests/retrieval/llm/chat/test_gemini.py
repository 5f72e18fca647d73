"""Tests of Google's Gemini, against an HTTP server that speaks its API."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from retrieval.llm.base import (
    ChatRequest,
    Ending,
    JsonSchema,
    Message,
    MessageImage,
    Reasoning,
    Tool,
    ToolCall,
)
from retrieval.llm.chat.gemini import GeminiChat
from retrieval.llm.config import ChatConfig, EmbeddingConfig
from retrieval.llm.embeddings.gemini import GeminiEmbedder
from retrieval.llm.errors import (
    BadCredentials,
    ContextTooLong,
    EmptyAnswer,
    LLMError,
    ProviderDown,
    RateLimited,
    RequestRefused,
    Unreachable,
)
from tests.retrieval.llm.provider import Answer, Provider

HELLO = ChatRequest((Message("system", "Be brief."), Message("user", "Hello.")))
USAGE = {"promptTokenCount": 7, "candidatesTokenCount": 2, "thoughtsTokenCount": 3}


def events(*chunks: dict[str, Any]) -> Answer:
    return Answer([f"data: {json.dumps(chunk)}\r\n\r\n" for chunk in chunks])


def chunk(*parts: dict[str, Any], reason: str = "", **more: Any) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": list(parts)}}
    if reason:
        candidate["finishReason"] = reason
    return {"candidates": [candidate], **more}


def error(status: int, message: str, kind: str, **detail: str) -> Answer:
    body = {"code": status, "message": message, "status": kind}
    return Answer({"error": body | ({"details": [detail]} if detail else {})}, status)


@pytest.fixture
async def chat(provider: Provider) -> AsyncGenerator[GeminiChat, None]:
    config = ChatConfig(
        "gemini", "gemini-flash", provider.url, "key-1", options={"temperature": 0.5}
    )
    async with aclosing(GeminiChat(config)) as chat:
        yield chat


async def test_a_conversation_is_sent_and_its_answer_parsed(
    provider: Provider, chat: GeminiChat
) -> None:
    provider.answers = [
        events(
            chunk({"text": "Hm.", "thought": True}),
            chunk({"text": "Hi "}),
            chunk({"text": "you."}, reason="STOP", usageMetadata=USAGE),
        )
    ]
    messages = (
        *HELLO.messages,
        Message("assistant", "Yes?"),
        Message("user", "Who are you?"),
    )
    completion = await chat.complete(ChatRequest(messages, options={"max_tokens": 9}))
    assert (completion.text, completion.reasoning) == ("Hi you.", "Hm.")
    assert (completion.prompt_tokens, completion.completion_tokens) == (7, 5)
    (request,) = provider.requests
    path, _, query = request.path.partition("?")
    assert path == "/v1beta/models/gemini-flash:streamGenerateContent"
    assert query == "alt=sse"
    assert request.headers["x-goog-api-key"] == "key-1"
    body = request.body
    assert body["systemInstruction"]["parts"] == [{"text": "Be brief."}]
    assert [item["role"] for item in body["contents"]] == ["user", "model", "user"]
    assert body["generationConfig"] == {"temperature": 0.5, "maxOutputTokens": 9}


async def test_a_stream_is_read_piece_by_piece(
    provider: Provider, chat: GeminiChat
) -> None:
    provider.answers = [
        events(
            chunk({"text": "Hm.", "thought": True}),
            chunk({"text": "Hi"}, reason="MAX_TOKENS"),
        )
    ]
    async with aclosing(chat.stream(HELLO)) as pieces:
        assert [piece async for piece in pieces] == [
            Reasoning("Hm."),
            "Hi",
            Ending(truncated=True),
        ]


async def test_a_schema_is_sent_and_its_refusal_remembered(
    provider: Provider, chat: GeminiChat
) -> None:
    request = ChatRequest(HELLO.messages, JsonSchema("x", {"type": "object"}))
    refused = error(400, "response_json_schema is not supported", "INVALID_ARGUMENT")
    provider.answers = [refused, events(chunk({"text": "{}"}, reason="STOP"))]
    for _ in range(2):
        assert (await chat.complete(request)).text == "{}"
    configs = [received.body["generationConfig"] for received in provider.requests]
    assert ["responseJsonSchema" in config for config in configs] == [
        True,
        False,
        False,
    ]
    assert {config["responseMimeType"] for config in configs} == {"application/json"}


async def test_tools_are_offered_and_called(
    provider: Provider, chat: GeminiChat
) -> None:
    call = {"functionCall": {"name": "weather", "args": {"city": "Paris"}}}
    provider.answers = [events(chunk(call, reason="STOP"))]
    earlier_call = ToolCall("call_1", "time", "{}")
    request = ChatRequest(
        (
            *HELLO.messages,
            Message("assistant", "", (earlier_call,)),
            Message("tool", "Noon.", tool_call_id="call_1"),
        ),
        options={"tool_choice": "required"},
        tools=(Tool("weather", "Tells it.", {"type": "object"}),),
    )
    completion = await chat.complete(request)
    (called,) = completion.tool_calls
    assert (called.name, json.loads(called.arguments)) == ("weather", {"city": "Paris"})
    body = provider.requests[0].body
    result = body["contents"][-1]["parts"][0]["functionResponse"]
    assert (result["name"], result["response"]) == ("time", {"result": "Noon."})
    assert body["toolConfig"]["functionCallingConfig"]["mode"] == "ANY"


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        (
            error(
                400, "API key not valid.", "INVALID_ARGUMENT", reason="API_KEY_INVALID"
            ),
            BadCredentials,
            "API key not valid",
        ),
        (error(403, "No.", "PERMISSION_DENIED"), BadCredentials, "No"),
        (error(404, "no such model", "NOT_FOUND"), RequestRefused, "no such model"),
        (error(429, "Slow down", "RESOURCE_EXHAUSTED"), RateLimited, "Slow down"),
        (error(503, "Overloaded", "UNAVAILABLE"), ProviderDown, "Overloaded"),
        (
            error(
                400, "The input token count exceeds the maximum number of tokens", ""
            ),
            ContextTooLong,
            "exceeds",
        ),
        (events(chunk(reason="STOP")), EmptyAnswer, "empty"),
        (events(chunk(reason="SAFETY")), RequestRefused, "SAFETY"),
        (
            events({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}),
            RequestRefused,
            "PROHIBITED_CONTENT",
        ),
    ],
)
async def test_each_failure_has_its_own_error(
    provider: Provider,
    chat: GeminiChat,
    answer: Answer,
    expected: type[LLMError],
    words: str,
) -> None:
    provider.answers = [answer]
    with pytest.raises(expected, match=words) as caught:
        await chat.complete(HELLO)
    assert type(caught.value) is expected
    assert len(provider.requests) == 1


async def test_an_unreachable_address_is_reported(unused_address: str) -> None:
    async with aclosing(GeminiChat(ChatConfig("gemini", "m", unused_address))) as chat:
        with pytest.raises(Unreachable):
            await chat.complete(HELLO)


async def test_texts_are_embedded_by_kind(provider: Provider) -> None:
    provider.answers = [
        Answer({"embeddings": [{"values": [3.0, 4.0]}, {"values": [1.0, 0.0]}]})
    ]
    config = EmbeddingConfig("gemini", "embed", dimensions=2, host=provider.url)
    async with aclosing(GeminiEmbedder(config)) as embedder:
        rows = await embedder.embed_documents(["one", "two"])
        await embedder.embed_queries(["one", "two"])
    assert [row.tolist() for row in rows.round(2)] == [
        pytest.approx([0.6, 0.8]),
        pytest.approx([1.0, 0.0]),
    ]
    first, second = provider.requests
    assert first.path.startswith("/v1beta/models/embed:batchEmbedContents")
    tasks = [request.body["requests"][0]["taskType"] for request in (first, second)]
    assert tasks == ["RETRIEVAL_DOCUMENT", "RETRIEVAL_QUERY"]


async def test_an_image_is_sent_as_inline_data(
    provider: Provider, chat: GeminiChat
) -> None:
    provider.answers = [events(chunk({"text": "A bridge."}, reason="STOP"))]
    image = MessageImage(b"\x89PNG", "image/png")
    await chat.complete(ChatRequest((Message("user", "Describe.", images=(image,)),)))
    assert provider.requests[0].body["contents"][0]["parts"] == [
        {"text": "Describe."},
        {"inlineData": {"data": "iVBORw==", "mime_type": "image/png"}},
    ]
