"""Tests of chat through OpenAI's API, against an HTTP server."""

from __future__ import annotations

import asyncio
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
from retrieval.llm.chat.openai import OpenAIChat
from retrieval.llm.config import ChatConfig
from retrieval.llm.errors import (
    BadAnswer,
    BadCredentials,
    ContextTooLong,
    EmptyAnswer,
    LLMError,
    ProviderDown,
    ProviderTimeout,
    RateLimited,
    RequestRefused,
    Unreachable,
)
from tests.retrieval.llm.provider import Answer, Provider, ReceivedRequest

SCHEMA = JsonSchema("extraction", {"type": "object", "properties": {}})
HELLO = ChatRequest((Message("system", "Be brief."), Message("user", "Hello.")))
IN_JSON = ChatRequest(HELLO.messages, SCHEMA)


def chat_answer(content: Any, reason: str = "stop", **message: Any) -> Answer:
    choice = {
        "index": 0,
        "finish_reason": reason,
        "message": {"role": "assistant", "content": content, **message},
    }
    usage = {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}
    return Answer({"id": "1", "object": "c", "choices": [choice], "usage": usage})


def refused(status: int, message: str, code: str = "", **headers: str) -> Answer:
    error = {"message": message, "code": code, "type": "invalid_request_error"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer({"error": error}, status, named)


def streamed(*deltas: dict[str, Any], end: str = "data: [DONE]\n\n") -> Answer:
    chunks = [
        {"id": "1", "choices": [{"index": 0, "delta": delta}]} for delta in deltas
    ]
    chunks.append({"id": "1", "choices": []})  # the usage chunk
    return Answer([*(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks), end])


@pytest.fixture
async def chat(provider: Provider) -> AsyncGenerator[OpenAIChat, None]:
    config = ChatConfig(
        binding="openai",
        model="gpt",
        host=f"{provider.url}/v1",
        api_key="key-1",
        timeout=5,
        options={
            "temperature": 0.2,
            "max_tokens": 50,
            "top_k": 3,
            "extra_body": {"min_p": 0.1},
            "extra_headers": {"X-Team": "library"},
        },
    )
    async with aclosing(OpenAIChat(config)) as chat:
        yield chat


async def read(
    chat: OpenAIChat, request: ChatRequest = HELLO
) -> tuple[str, Ending | None]:
    """Return the text and the ending of a stream."""
    text, ending = "", None
    async with aclosing(chat.stream(request)) as pieces:
        async for piece in pieces:
            if isinstance(piece, Ending):
                ending = piece
            elif isinstance(piece, str):
                text += piece
    return text, ending


async def test_an_answer_has_its_token_counts(
    provider: Provider, chat: OpenAIChat
) -> None:
    provider.answers = [chat_answer("Hi.")]
    completion = await chat.complete(HELLO)
    assert (completion.text, completion.truncated) == ("Hi.", False)
    assert (completion.prompt_tokens, completion.completion_tokens) == (7, 2)


async def test_a_request_contains_configured_and_requested_options(
    provider: Provider, chat: OpenAIChat
) -> None:
    provider.answers = [chat_answer("Hi.")]
    options = {"temperature": 0.9, "max_completion_tokens": 9}
    await chat.complete(ChatRequest(HELLO.messages, SCHEMA, options))
    request = provider.requests[0]
    assert request.headers["x-team"] == "library"
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == "Bearer key-1"
    assert request.body == {
        "model": "gpt",
        "stream": False,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hello."},
        ],
        "temperature": 0.9,
        "max_completion_tokens": 9,
        "top_k": 3,
        "min_p": 0.1,
        "response_format": {
            "type": "json_schema",
            "json_schema": {
                "name": "extraction",
                "schema": SCHEMA.schema,
                "strict": True,
            },
        },
    }


async def test_an_answer_at_the_token_limit_is_truncated(
    provider: Provider, chat: OpenAIChat
) -> None:
    provider.answers = [chat_answer("Hi", "length")]
    assert (await chat.complete(HELLO)).truncated


@pytest.mark.parametrize(
    "answer",
    [
        chat_answer("Hi.", reasoning_content="Hm."),
        chat_answer("Hi.", reasoning="Hm."),
        chat_answer("<think>\nHm.\n</think>\n\nHi."),
        chat_answer("<thinking>Hm.</thinking>Hi."),
        chat_answer("Hm.\n</think>\n\nHi."),
        chat_answer([{"type": "text", "text": "Hi."}], reasoning_content="Hm."),
        chat_answer(
            [
                {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
                {"type": "text", "text": "Hi."},
            ]
        ),
    ],
)
async def test_reasoning_is_separated_from_the_answer(
    provider: Provider, chat: OpenAIChat, answer: Answer
) -> None:
    provider.answers = [answer]
    completion = await chat.complete(HELLO)
    assert (completion.reasoning, completion.text) == ("Hm.", "Hi.")


@pytest.mark.parametrize(
    "text",
    [
        "The tag <think> opens a block.",
        "It ends a block with </think> and goes on.",
        "`</think>`\nends a block.",
        '{"d": "</think>\\n"}\n',
    ],
)
async def test_a_tag_elsewhere_in_an_answer_is_a_part_of_it(
    provider: Provider, chat: OpenAIChat, text: str
) -> None:
    provider.answers = [
        chat_answer(text),
        streamed(*({"content": char} for char in text)),
    ]
    assert (await chat.complete(HELLO)).text == text
    assert (await read(chat))[0] == text


async def test_a_stream_is_read_piece_by_piece(
    provider: Provider, chat: OpenAIChat
) -> None:
    provider.answers = [
        streamed({"role": "assistant"}, {"content": "Hi "}, {"content": "you"})
    ]
    assert await read(chat) == ("Hi you", Ending())
    assert provider.requests[0].body["stream"] is True


async def test_a_stream_ends_with_its_token_counts(
    provider: Provider, chat: OpenAIChat
) -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 3}
    last = json.dumps({"choices": [], "usage": usage})
    provider.answers = [streamed({"content": "Hi."}, end=f"data: {last}\n\n")]
    assert await read(chat) == ("Hi.", Ending(9, 3))
    assert provider.requests[0].body["stream_options"] == {"include_usage": True}


async def test_stream_options_are_not_sent_again_to_a_server_that_rejects_them(
    provider: Provider, chat: OpenAIChat
) -> None:
    no = refused(400, "Unrecognized request argument supplied: stream_options")
    provider.answers = [no, streamed({"content": "Hi."})]
    for _ in range(2):
        assert await read(chat) == ("Hi.", Ending())
    sent = ["stream_options" in request.body for request in provider.requests]
    assert sent == [True, False, False]


async def test_an_incomplete_character_does_not_break_a_stream(
    provider: Provider, chat: OpenAIChat
) -> None:
    end = r'data: {"choices": [{"delta": {"content": "\ud83d!"}}]}' + "\n\n"
    provider.answers = [streamed({"content": "Hi "}, end=end)]
    assert (await read(chat))[0] == "Hi \ufffd!"


CALL = ToolCall("call_1", "weather", '{"city": "Paris"}')
WITH_TOOLS = ChatRequest(
    (
        Message("user", "Rain?"),
        Message("assistant", "", (CALL,)),
        Message("tool", "Sun.", tool_call_id="call_1"),
    ),
    options={"tool_choice": "auto"},
    tools=(Tool("weather", "Tells it.", {"type": "object"}),),
)


async def test_tools_and_tool_calls_are_sent_in_openais_format(
    provider: Provider, chat: OpenAIChat
) -> None:
    provider.answers = [chat_answer("Sun.")]
    await chat.complete(WITH_TOOLS)
    body = provider.requests[0].body
    function = {
        "name": "weather",
        "description": "Tells it.",
        "parameters": {"type": "object"},
    }
    assert body["tools"] == [{"type": "function", "function": function}]
    assert body["tool_choice"] == "auto"
    called = {"name": "weather", "arguments": '{"city": "Paris"}'}
    assert body["messages"][1:] == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_1", "type": "function", "function": called}],
        },
        {"role": "tool", "content": "Sun.", "tool_call_id": "call_1"},
    ]


async def test_tool_calls_of_the_model_are_parsed(
    provider: Provider, chat: OpenAIChat
) -> None:
    function = {"name": "weather", "arguments": '{"city": "Paris"}'}
    call = {"id": "call_1", "type": "function", "function": function}
    provider.answers = [chat_answer(None, "tool_calls", tool_calls=[call])]
    completion = await chat.complete(WITH_TOOLS)
    assert (completion.text, completion.tool_calls) == ("", (CALL,))


async def test_a_tool_call_streamed_in_parts_is_assembled(
    provider: Provider, chat: OpenAIChat
) -> None:
    def part(index: int, arguments: str, **more: Any) -> dict[str, Any]:
        function = {"arguments": arguments, **more.pop("function", {})}
        return {"tool_calls": [{"index": index, "function": function, **more}]}

    provider.answers = [
        streamed(
            part(0, "", id="call_1", function={"name": "weather"}),
            part(0, '{"city": '),
            part(1, "{}", function={"name": "time"}),
            part(0, '"Paris"}'),
        )
    ]
    text, ending = await read(chat, WITH_TOOLS)
    assert text == ""
    assert ending is not None
    assert ending.tool_calls[0] == CALL
    assert (ending.tool_calls[1].name, ending.tool_calls[1].arguments) == ("time", "{}")
    assert ending.tool_calls[1].id.startswith("call_")


TAGGED = "<think>\nHm, yes.\n</think>\n\nHi <b>you</b>."


@pytest.mark.parametrize(
    "deltas",
    [
        [{"reasoning_content": "Hm, "}, {"reasoning_content": "yes."}],
        [{"content": "<think>Hm, yes.</think>"}],
        [{"content": [{"type": "thinking", "thinking": "Hm, yes."}]}],
    ],
)
async def test_a_streams_reasoning_is_separate(
    provider: Provider, chat: OpenAIChat, deltas: list[dict[str, Any]]
) -> None:
    provider.answers = [streamed(*deltas, {"content": "Hi."})]
    assert await read_all(chat) == ("Hm, yes.", "Hi.")


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
async def test_tags_may_be_split_between_events(
    provider: Provider, chat: OpenAIChat, size: int
) -> None:
    parts = [TAGGED[n : n + size] for n in range(0, len(TAGGED), size)]
    provider.answers = [streamed(*({"content": part} for part in parts))]
    thoughts, text = await read_all(chat)
    assert (thoughts.strip(), text) == ("Hm, yes.", "Hi <b>you</b>.")


async def test_a_model_whose_prompt_opens_the_reasoning_is_recognized(
    provider: Provider, chat: OpenAIChat
) -> None:
    """The first stream can't be; the following ones are."""
    provider.answers = [streamed({"content": "Hm.\n</think>\n"}, {"content": "Hi."})]
    await read_all(chat)
    assert await read_all(chat) == ("Hm.\n", "Hi.")


async def read_all(chat: OpenAIChat) -> tuple[str, str]:
    """Return the reasoning and the text of a stream."""
    thoughts, text = "", ""
    async with aclosing(chat.stream(HELLO)) as pieces:
        async for piece in pieces:
            match piece:
                case Reasoning(more):
                    thoughts += more
                case str(more):
                    text += more
    return thoughts, text


async def test_an_empty_stream_is_a_bad_answer(
    provider: Provider, chat: OpenAIChat
) -> None:
    provider.answers = [streamed({"reasoning_content": "Hm."})]
    with pytest.raises(BadAnswer, match="empty"):
        await read(chat)


async def test_a_stream_cut_at_the_token_limit_ends_as_truncated(
    provider: Provider, chat: OpenAIChat
) -> None:
    last = {"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]}
    end = f"data: {json.dumps(last)}\n\ndata: [DONE]\n\n"
    provider.answers = [streamed({"content": "Hi "}, end=end)]
    assert await read(chat) == ("Hi ", Ending(truncated=True))


async def test_an_interrupted_stream_is_an_error(
    provider: Provider, chat: OpenAIChat
) -> None:
    error = json.dumps({"error": {"message": "GPU on fire", "type": "server_error"}})
    provider.answers = [streamed({"content": "Hi "}, end=f"data: {error}\n\n")]
    with pytest.raises(ProviderDown, match="GPU on fire"):
        await read(chat)


async def test_a_stream_may_be_closed_early(
    provider: Provider, chat: OpenAIChat
) -> None:
    provider.answers = [streamed(*({"content": f"{n} "} for n in range(500)))]
    async with aclosing(chat.stream(HELLO)) as pieces:
        assert str(await anext(pieces)).startswith("0 ")


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (refused(401, "Incorrect API key"), BadCredentials, "Incorrect API key"),
        (refused(403, "Not your model"), BadCredentials, "Not your model"),
        (refused(404, "No such model"), RequestRefused, "No such model"),
        (refused(429, "Slow down"), RateLimited, "Slow down"),
        (refused(429, "Pay", "insufficient_quota"), RequestRefused, "Pay"),
        (refused(400, "the maximum context length is 8"), ContextTooLong, "maximum"),
        (Answer("", 500), ProviderDown, "500"),
        (Answer("Bad gateway", 502), ProviderDown, "502"),
        (Answer("", 408), ProviderTimeout, "408"),
        (chat_answer(None), EmptyAnswer, "empty"),
        (chat_answer("", "length"), BadAnswer, "length"),
        (chat_answer(None, refusal="I will not."), RequestRefused, "I will not"),
        (chat_answer(None, "content_filter"), RequestRefused, "filtered"),
        (Answer({"error": {"message": "no credit"}}), ProviderDown, "no credit"),
        (Answer({"error": {"code": 502, "message": "Down"}}), ProviderDown, "Down"),
        (Answer({"choices": None, "error": {"code": 429}}), RateLimited, "429"),
        (Answer({"error": {"code": "401", "message": "No"}}), BadCredentials, "No"),
        (Answer({"error": "model is loading"}), ProviderDown, "loading"),
        (
            Answer({"Response": {"Error": {"Code": "AuthFailure", "Message": "No"}}}),
            BadCredentials,
            "No .AuthFailure",
        ),
        (Answer({"code": "InvalidApiKey", "message": "No"}), BadCredentials, "No"),
        (
            Answer({"base_resp": {"status_code": 1004, "status_msg": "login fail"}}),
            ProviderDown,
            "login fail",
        ),
        (
            Answer({"error": {"code": "context_length_exceeded", "message": "Long"}}),
            ContextTooLong,
            "Long",
        ),
        (
            Answer({"choices": [{"error": {"code": 503, "message": "Busy"}}]}),
            ProviderDown,
            "Busy",
        ),
        (
            Answer('[{"error": {"code": 400, "message": "Bad"}}]', 400),
            RequestRefused,
            "Bad",
        ),
        (
            Answer({"detail": [{"loc": ["body", "top_k"], "msg": "is odd"}]}, 422),
            RequestRefused,
            "body.top_k: is odd",
        ),
        (Answer("404 page not found", 404), RequestRefused, "LLM_BINDING_HOST"),
        (Answer({"object": "error", "message": "Lost"}, 404), RequestRefused, "Lost"),
        (Answer("<html>Hello</html>"), BadAnswer, "html"),
    ],
)
async def test_each_failure_has_its_own_error(
    provider: Provider,
    chat: OpenAIChat,
    answer: Answer,
    error: type[LLMError],
    words: str,
) -> None:
    provider.answers = [answer]
    with pytest.raises(error, match=words) as caught:
        await chat.complete(HELLO)
    assert type(caught.value) is error
    assert str(caught.value).startswith("gpt at http://127.0.0.1")
    assert len(provider.requests) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"retry_after": "7"}, 7.0), ({"retry_after_ms": "250"}, 0.25), ({}, None)],
)
async def test_a_rate_limit_has_the_seconds_of_retry_after(
    provider: Provider, chat: OpenAIChat, headers: dict[str, str], seconds: float | None
) -> None:
    provider.answers = [refused(429, "Slow down", **headers)]
    with pytest.raises(RateLimited) as caught:
        await chat.complete(HELLO)
    assert caught.value.retry_after == seconds


async def test_no_answer_in_time_is_a_timeout(provider: Provider) -> None:
    provider.answers = [Answer(chat_answer("Late.").body, delay=0.5)]
    config = ChatConfig("openai", "gpt", provider.url, timeout=0.05)
    async with aclosing(OpenAIChat(config)) as chat:
        with pytest.raises(ProviderTimeout, match="gpt at"):
            await chat.complete(HELLO)


async def test_no_stream_in_time_is_a_timeout(provider: Provider) -> None:
    provider.answers = [Answer(streamed({"content": "Late."}).body, delay=0.5)]
    config = ChatConfig("openai", "gpt", provider.url, timeout=0.05)
    async with aclosing(OpenAIChat(config)) as chat:
        with pytest.raises(ProviderTimeout, match="gpt at"):
            await read(chat)


async def test_a_connection_closed_during_a_stream_is_a_provider_that_is_down(
    provider: Provider,
) -> None:
    headers = {"Content-Length": "1000"}
    partial = streamed({"content": "Hi "})
    provider.answers = [Answer(partial.body, headers=headers)]
    async with aclosing(OpenAIChat(ChatConfig("openai", "gpt", provider.url))) as chat:
        with pytest.raises(ProviderDown, match="gpt at"):
            await read(chat)


async def test_a_connection_closed_at_once_is_a_provider_that_is_down() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, aclosing(OpenAIChat(ChatConfig("openai", "m", url))) as chat:
        with pytest.raises(ProviderDown):
            await read(chat)


async def test_an_unreachable_address_is_a_provider_that_is_down(
    unused_address: str,
) -> None:
    async with aclosing(
        OpenAIChat(ChatConfig("openai", "gpt", unused_address))
    ) as chat:
        with pytest.raises(Unreachable, match="Cannot connect to host"):
            await read(chat)
        with pytest.raises(Unreachable, match="Cannot connect to host"):
            await chat.complete(HELLO)


def only(*formats: str | None) -> Any:
    """Return a responder that accepts only these response formats."""

    def respond(request: ReceivedRequest) -> Answer:
        requested = request.body.get("response_format", {}).get("type")
        if requested in formats:
            return chat_answer("{}")
        return refused(400, f"response_format {requested} is not supported")

    return respond


@pytest.mark.parametrize(
    ("formats", "expected"),
    [
        (["json_schema"], ["json_schema", "json_schema"]),
        (["json_object"], ["json_schema", "json_object", "json_object"]),
        ([None], ["json_schema", "json_object", None, None]),
    ],
)
async def test_a_refused_format_is_replaced_and_not_sent_again(
    provider: Provider, chat: OpenAIChat, formats: list[Any], expected: list[str | None]
) -> None:
    provider.respond = only(*formats)
    for _ in range(2):
        assert (await chat.complete(IN_JSON)).text == "{}"
    sent = [a.body.get("response_format", {}).get("type") for a in provider.requests]
    assert sent == expected


async def test_a_refused_schema_of_a_caller_does_not_change_the_format(
    provider: Provider, chat: OpenAIChat
) -> None:
    provider.respond = only("json_object")
    theirs = ChatRequest(HELLO.messages, JsonSchema("x", {}, strict=False, ours=False))
    for _ in range(2):
        await chat.complete(theirs)
    sent = [request.body["response_format"]["type"] for request in provider.requests]
    assert sent == ["json_schema", "json_object"] * 2
    assert (
        provider.requests[0].body["response_format"]["json_schema"]["strict"] is False
    )


async def test_another_refusal_does_not_change_the_format(
    provider: Provider, chat: OpenAIChat
) -> None:
    provider.answers = [refused(400, "temperature must be 1"), chat_answer("{}")]
    with pytest.raises(RequestRefused, match="temperature"):
        await chat.complete(IN_JSON)
    await chat.complete(IN_JSON)
    assert provider.requests[1].body["response_format"]["type"] == "json_schema"


async def test_a_request_to_azure_has_deployment_key_and_version(
    provider: Provider,
) -> None:
    provider.answers = [chat_answer("Hi.")]
    config = ChatConfig(
        "azure_openai", "my-gpt", provider.url, "key-2", api_version="2024-10-21"
    )
    async with aclosing(OpenAIChat(config)) as chat:
        assert (await chat.complete(HELLO)).text == "Hi."
    request = provider.requests[0]
    assert request.path == (
        "/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21"
    )
    assert request.headers["api-key"] == "key-2"


async def test_an_image_is_sent_as_a_data_url(
    provider: Provider, chat: OpenAIChat
) -> None:
    provider.answers = [chat_answer("A bridge.")]
    image = MessageImage(b"\x89PNG", "image/png")
    await chat.complete(ChatRequest((Message("user", "Describe.", images=(image,)),)))
    assert provider.requests[0].body["messages"][0]["content"] == [
        {"type": "text", "text": "Describe."},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}},
    ]
