"""Tests of Amazon Bedrock, against an HTTP server that speaks its API."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import struct
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any
from zlib import crc32

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
from retrieval.llm.chat.bedrock import BedrockChat
from retrieval.llm.config import AwsConfig, ChatConfig, EmbeddingConfig
from retrieval.llm.embeddings.bedrock import BedrockEmbedder
from retrieval.llm.errors import (
    BadAnswer,
    BadCredentials,
    ContextTooLong,
    EmptyAnswer,
    LLMError,
    NotConfigured,
    ProviderDown,
    ProviderTimeout,
    RateLimited,
    RequestRefused,
    Unreachable,
)
from tests.retrieval.llm.provider import Answer, Provider, ReceivedRequest

HELLO = ChatRequest((Message("system", "Be brief."), Message("user", "Hello.")))
USAGE = {"inputTokens": 7, "outputTokens": 5, "totalTokens": 12}
MODEL = "eu.anthropic.claude-sonnet-4-20250514-v1:0"
KEYS = AwsConfig(
    region="eu-west-1",
    access_key_id="AKIDEXAMPLE",
    secret_access_key="wJalrXUtnFEMI/EXAMPLEKEY",
    session_token="session-token-1",
)


def frame(payload: dict[str, Any], **names: str) -> bytes:
    """Return one message of an event stream (application/vnd.amazon.eventstream)."""
    headers = b"".join(
        bytes([len(key) + 1])
        + b":"
        + key.encode()
        + b"\x07"
        # Type 7 is a string.
        + struct.pack(">H", len(value))
        + value.encode()
        for key, value in ((k.replace("_", "-"), v) for k, v in names.items())
    )
    body = json.dumps(payload).encode()
    prelude = struct.pack(">II", 16 + len(headers) + len(body), len(headers))
    message = prelude + struct.pack(">I", crc32(prelude)) + headers + body
    return message + struct.pack(">I", crc32(message))


def event(kind: str, payload: dict[str, Any]) -> bytes:
    return frame(payload, message_type="event", event_type=kind)


def delta(content: dict[str, Any], index: int = 0) -> bytes:
    payload = {"contentBlockIndex": index, "delta": content, "p": "abcd"}
    return event("contentBlockDelta", payload)


def stream(*frames: bytes, reason: str = "end_turn") -> Answer:
    ending = (
        event("messageStop", {"stopReason": reason}),
        event("metadata", {"usage": USAGE, "metrics": {"latencyMs": 9}}),
    )
    kind = {"Content-Type": "application/vnd.amazon.eventstream"}
    start = event("messageStart", {"role": "assistant"})
    return Answer([start, *frames, *ending], headers=kind)


def answer(*blocks: dict[str, Any], reason: str = "end_turn") -> Answer:
    message = {"role": "assistant", "content": list(blocks)}
    return Answer(
        {"output": {"message": message}, "stopReason": reason, "usage": USAGE}
    )


def error(status: int, name: str, message: str) -> Answer:
    kind = {"x-amzn-ErrorType": f"{name}:http://internal.amazon.com/coral/"}
    return Answer({"message": message}, status, kind)


def expected_signature(request: ReceivedRequest, raw_body: bytes) -> str:
    """Return the signature by the published rules of version 4 (in `Authorization`)."""
    scope, signed = (
        request.headers["authorization"].split(start)[1].split(",")[0]
        for start in ("Credential=AKIDEXAMPLE/", "SignedHeaders=")
    )
    names = signed.split(";")
    lines = [
        "POST",
        request.path.replace("%", "%25"),
        "",
        *(f"{name}:{request.headers[name]}" for name in names),
        "",
        signed,
        hashlib.sha256(raw_body).hexdigest(),
    ]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{request.headers['x-amz-date']}\n{scope}\n{digest}"
    key = f"AWS4{KEYS.secret_access_key}".encode()
    for part in [*scope.split("/"), text]:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()


@pytest.fixture
def config(provider: Provider) -> ChatConfig:
    return ChatConfig(
        "bedrock", MODEL, provider.url, options={"temperature": 0.5}, aws=KEYS
    )


@pytest.fixture
async def chat(config: ChatConfig) -> AsyncGenerator[BedrockChat, None]:
    async with aclosing(BedrockChat(config)) as chat:
        yield chat


async def test_a_conversation_is_sent_and_its_answer_parsed(
    provider: Provider, chat: BedrockChat
) -> None:
    provider.answers = [
        answer(
            {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "x"}}},
            {"text": "Hi "},
            {"text": "you."},
        )
    ]
    messages = (
        Message("assistant", "Yes?"),
        *HELLO.messages,
        Message("user", "Again."),
        Message("assistant", " "),
        Message("user", "Who are you?"),
    )
    completion = await chat.complete(
        ChatRequest(messages, options={"max_tokens": 9, "stop": "X", "top_p": None})
    )
    assert (completion.text, completion.reasoning) == ("Hi you.", "Hm.")
    assert (completion.prompt_tokens, completion.completion_tokens) == (7, 5)
    (request,) = provider.requests
    assert request.path == (
        "/model/eu.anthropic.claude-sonnet-4-20250514-v1%3A0/converse"
    )
    assert request.body == {
        "system": [{"text": "Be brief."}],
        "messages": [
            {"role": "user", "content": [{"text": "…"}]},
            {"role": "assistant", "content": [{"text": "Yes?"}]},
            {
                "role": "user",
                "content": [
                    {"text": "Hello."},
                    {"text": "Again."},
                    {"text": "Who are you?"},
                ],
            },
        ],
        "inferenceConfig": {
            "temperature": 0.5,
            "maxTokens": 9,
            "stopSequences": ["X"],
        },
    }


async def test_requests_are_signed(provider: Provider, chat: BedrockChat) -> None:
    provider.answers = [answer({"text": "Hi"})]
    await chat.complete(HELLO)
    (request,) = provider.requests
    assert request.headers["x-amz-security-token"] == "session-token-1"
    authorization = request.headers["authorization"]
    assert "/eu-west-1/bedrock/aws4_request" in authorization
    assert "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token" in (
        authorization
    )
    raw = json.dumps(request.body, ensure_ascii=False, separators=(",", ":")).encode()
    assert authorization.endswith(f"Signature={expected_signature(request, raw)}")


async def test_a_bearer_token_replaces_the_signature(
    provider: Provider, config: ChatConfig
) -> None:
    provider.answers = [answer({"text": "Hi"})]
    config = replace(config, aws=AwsConfig("eu-west-1", bearer_token="bedrock-key"))
    async with aclosing(BedrockChat(config)) as chat:
        await chat.complete(HELLO)
    (request,) = provider.requests
    assert request.headers["authorization"] == "Bearer bedrock-key"


@pytest.mark.usefixtures("no_credentials")
async def test_credentials_and_region_are_read_from_a_profile(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "credentials").write_text(
        "[work]\naws_access_key_id=AKIDPROFILE\naws_secret_access_key=secret-2\n"
    )
    (tmp_path / "config").write_text("[profile work]\nregion=us-west-2\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    provider.answers = [answer({"text": "Hi"})]
    config = ChatConfig("bedrock", MODEL, provider.url, aws=AwsConfig(profile="work"))
    async with aclosing(BedrockChat(config)) as chat:
        await chat.complete(HELLO)
    authorization = provider.requests[0].headers["authorization"]
    assert "AKIDPROFILE/" in authorization
    assert "/us-west-2/bedrock/" in authorization


@pytest.fixture
def no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("no_credentials")
async def test_missing_credentials_and_regions_are_reported(provider: Provider) -> None:
    config = ChatConfig("bedrock", MODEL, provider.url, aws=AwsConfig("eu-west-1"))
    async with aclosing(BedrockChat(config)) as chat:
        with pytest.raises(BadCredentials, match="AWS_ACCESS_KEY_ID"):
            await chat.complete(HELLO)
    async with aclosing(BedrockChat(ChatConfig("bedrock", MODEL))) as chat:
        with pytest.raises(NotConfigured, match="AWS_REGION"):
            await chat.complete(HELLO)
    config = replace(config, aws=AwsConfig("eu-west-1", profile="missing"))
    async with aclosing(BedrockChat(config)) as chat:
        with pytest.raises(BadCredentials, match="missing"):
            await chat.complete(HELLO)
    assert not provider.requests


async def test_a_stream_is_decoded_piece_by_piece(
    provider: Provider, chat: BedrockChat
) -> None:
    whole = stream(
        delta({"reasoningContent": {"text": "Hm."}}),
        delta({"reasoningContent": {"signature": "abc"}}),
        event("contentBlockStop", {"contentBlockIndex": 0}),
        delta({"text": "Grüß "}, 1),
        delta({"text": "Gott"}, 1),
        reason="max_tokens",
    )
    data = b"".join(part for part in whole.parts if isinstance(part, bytes))
    cut = [data[start : start + 7] for start in range(0, len(data), 7)]
    for parts in (whole.body, cut, [data]):
        provider.answers = [replace(whole, body=parts)]
        async with aclosing(chat.stream(HELLO)) as pieces:
            assert [piece async for piece in pieces] == [
                Reasoning("Hm."),
                "Grüß ",
                "Gott",
                Ending(7, 5, truncated=True),
            ]
    assert provider.requests[0].path.endswith("/converse-stream")


async def test_a_whole_answer_is_cut_at_its_maximum_length(
    provider: Provider, chat: BedrockChat
) -> None:
    provider.answers = [stream(*(delta({"text": "word "}) for _ in range(100)))]
    completion = await chat.complete(replace(HELLO, max_chars=20))
    assert completion.truncated
    assert completion.text == "word " * 5


async def test_a_stream_that_ends_within_an_event_is_an_incomplete_answer(
    provider: Provider, chat: BedrockChat
) -> None:
    damaged = bytearray(delta({"text": "Hi"}))
    damaged[-6] ^= 1
    provider.answers = [stream(delta({"text": "Hi"}), bytes(damaged))]
    with pytest.raises(BadAnswer, match="damaged"):
        await chat.complete(replace(HELLO, max_chars=20))


async def test_a_schema_is_sent_and_its_refusal_remembered(
    provider: Provider, chat: BedrockChat
) -> None:
    request = ChatRequest(HELLO.messages, JsonSchema("x", {"type": "object"}))
    message = "This model doesn't support the outputConfig.textFormat field."
    provider.answers = [
        error(400, "ValidationException", message),
        answer({"text": "{}"}),
    ]
    for _ in range(2):
        assert (await chat.complete(request)).text == "{}"
    first, *later = [received.body for received in provider.requests]
    schema = first["outputConfig"]["textFormat"]["structure"]["jsonSchema"]
    assert schema == {"name": "x", "schema": '{"type": "object"}'}
    assert all("outputConfig" not in body for body in later)


async def test_a_refused_option_is_left_out(
    provider: Provider, chat: BedrockChat
) -> None:
    message = "`temperature` and `top_p` cannot both be specified for this model."
    provider.answers = [
        error(400, "ValidationException", message),
        answer({"text": "x"}),
    ]
    options = {"temperature": 0.1, "top_p": 0.9}
    await chat.complete(replace(HELLO, options=options))
    assert provider.requests[1].body["inferenceConfig"] == {"topP": 0.9}


async def test_tools_are_offered_and_called(
    provider: Provider, chat: BedrockChat
) -> None:
    use = {"toolUseId": "t1", "name": "weather", "input": {"city": "Paris"}}
    provider.answers = [answer({"toolUse": use}, reason="tool_use")]
    request = ChatRequest(
        (
            *HELLO.messages,
            Message("assistant", "", (ToolCall("call_1", "time", "{}"),)),
            Message("tool", "Noon.", tool_call_id="call_1"),
        ),
        options={"tool_choice": "required"},
        tools=(Tool("weather", "Tells it.", {"type": "object"}),),
    )
    (called,) = (await chat.complete(request)).tool_calls
    assert (called.id, called.name) == ("t1", "weather")
    assert json.loads(called.arguments) == {"city": "Paris"}
    body = provider.requests[0].body
    assert body["toolConfig"]["toolChoice"] == {"any": {}}
    assert body["toolConfig"]["tools"][0]["toolSpec"]["name"] == "weather"
    assert body["messages"][-2]["content"] == [
        {"toolUse": {"toolUseId": "call_1", "name": "time", "input": {}}}
    ]
    assert body["messages"][-1]["content"] == [
        {"toolResult": {"toolUseId": "call_1", "content": [{"text": "Noon."}]}}
    ]


async def test_a_streamed_tool_call_is_assembled(
    provider: Provider, chat: BedrockChat
) -> None:
    start = {"toolUse": {"toolUseId": "t1", "name": "weather"}}
    provider.answers = [
        stream(
            event("contentBlockStart", {"contentBlockIndex": 1, "start": start}),
            delta({"toolUse": {"input": '{"city": '}}, 1),
            delta({"toolUse": {"input": '"Paris"}'}}, 1),
            reason="tool_use",
        )
    ]
    async with aclosing(chat.stream(HELLO)) as pieces:
        (ending,) = [piece async for piece in pieces]
    call = ToolCall("t1", "weather", '{"city": "Paris"}')
    assert ending == Ending(7, 5, tool_calls=(call,))


async def test_an_image_is_sent_in_base64(
    provider: Provider, chat: BedrockChat
) -> None:
    provider.answers = [answer({"text": "A bridge."})]
    image = MessageImage(b"\x89PNG", "image/png")
    await chat.complete(ChatRequest((Message("user", "Describe.", images=(image,)),)))
    assert provider.requests[0].body["messages"][0]["content"] == [
        {"text": "Describe."},
        {"image": {"format": "png", "source": {"bytes": "iVBORw=="}}},
    ]


WRONG_SIGNATURE = (
    "The request signature we calculated does not match.\n\nThe Canonical String was\n"
    "'POST\nx-amz-security-token:session-token-1'"
)


@pytest.mark.parametrize(
    ("response", "expected", "words"),
    [
        (
            error(403, "UnrecognizedClientException", "The security token is invalid."),
            BadCredentials,
            "token is invalid",
        ),
        (
            error(403, "InvalidSignatureException", WRONG_SIGNATURE),
            BadCredentials,
            r"does not match\. \(InvalidSignatureException\)$",
        ),
        (
            error(400, "ExpiredTokenException", "The token has expired"),
            BadCredentials,
            "expired",
        ),
        (
            error(403, "AccessDeniedException", "You don't have access to the model"),
            BadCredentials,
            "don't have access",
        ),
        (
            error(429, "ThrottlingException", "Too many tokens, please wait"),
            RateLimited,
            "429 Too many",
        ),
        (
            error(404, "ResourceNotFoundException", "No such model"),
            RequestRefused,
            "No such model",
        ),
        (
            error(400, "ValidationException", "Input is too long for requested model."),
            ContextTooLong,
            "too long",
        ),
        (
            error(503, "ServiceUnavailableException", "Busy"),
            ProviderDown,
            "Busy",
        ),
        (error(424, "ModelErrorException", "It failed"), ProviderDown, "It failed"),
        (error(408, "ModelTimeoutException", "Slow"), ProviderTimeout, "Slow"),
        (Answer("<html>Bad gateway</html>", 502), ProviderDown, "Bad gateway"),
        (answer(), EmptyAnswer, "empty"),
        (answer(reason="content_filtered"), RequestRefused, "filtered"),
        (Answer("not JSON"), BadAnswer, "cannot be read"),
    ],
)
async def test_each_failure_has_its_own_error(
    provider: Provider,
    chat: BedrockChat,
    response: Answer,
    expected: type[LLMError],
    words: str,
) -> None:
    provider.answers = [response]
    with pytest.raises(expected, match=words) as caught:
        await chat.complete(HELLO)
    assert type(caught.value) is expected
    assert "session-token-1" not in str(caught.value)
    assert len(provider.requests) == 1


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (
            frame(
                {"message": "Too many requests"},
                message_type="exception",
                exception_type="throttlingException",
            ),
            RateLimited,
        ),
        (
            frame(
                {"message": "It failed", "originalStatusCode": 500},
                message_type="exception",
                exception_type="modelStreamErrorException",
            ),
            ProviderDown,
        ),
        (
            frame(
                {},
                message_type="error",
                error_code="InternalError",
                error_message="It failed",
            ),
            ProviderDown,
        ),
    ],
)
async def test_an_exception_within_a_stream_is_raised(
    provider: Provider, chat: BedrockChat, last: bytes, expected: type[LLMError]
) -> None:
    provider.answers = [stream(delta({"text": "Hi"}), last)]
    with pytest.raises(expected, match=r"Too many|It failed"):
        await chat.complete(replace(HELLO, max_chars=99))


async def test_an_error_at_the_start_of_a_stream_is_raised(
    provider: Provider, chat: BedrockChat
) -> None:
    provider.answers = [error(429, "ThrottlingException", "Too many requests")]
    with pytest.raises(RateLimited, match="Too many requests"):
        await chat.complete(replace(HELLO, max_chars=99))


async def test_an_unreachable_address_is_reported(unused_address: str) -> None:
    config = ChatConfig("bedrock", "m", unused_address, aws=KEYS)
    async with aclosing(BedrockChat(config)) as chat:
        with pytest.raises(Unreachable):
            await chat.complete(HELLO)


async def test_no_log_line_contains_a_secret(
    provider: Provider, chat: BedrockChat, caplog: pytest.LogCaptureFixture
) -> None:
    provider.answers = [answer({"text": "Hi"})]
    with caplog.at_level(logging.DEBUG):
        await chat.complete(HELLO)
    assert KEYS.session_token not in caplog.text
    assert KEYS.secret_access_key not in caplog.text + repr(KEYS)


async def test_titan_embeds_one_text_per_request(provider: Provider) -> None:
    provider.answers = [
        Answer({"embedding": [3.0, 4.0], "inputTextTokenCount": 1}),
        Answer({"embedding": [3.0, 4.0], "inputTextTokenCount": 1}),
    ]
    config = EmbeddingConfig(
        "bedrock",
        "amazon.titan-embed-text-v2:0",
        dimensions=2,
        host=provider.url,
        send_dimensions=True,
        aws=KEYS,
    )
    async with aclosing(BedrockEmbedder(config)) as embedder:
        rows = await embedder.embed_documents(["one", "two"])
    assert [row.tolist() for row in rows.round(2)] == [pytest.approx([0.6, 0.8])] * 2
    assert provider.requests[0].path == ("/model/amazon.titan-embed-text-v2%3A0/invoke")
    bodies = sorted(
        (request.body for request in provider.requests), key=lambda b: b["inputText"]
    )
    assert bodies == [
        {"inputText": "one", "dimensions": 2},
        {"inputText": "two", "dimensions": 2},
    ]


@pytest.mark.parametrize(
    "embeddings",
    [[[3.0, 4.0], [1.0, 0.0]], {"float": [[3.0, 4.0], [1.0, 0.0]]}],
)
async def test_cohere_embeds_batches_by_kind(
    provider: Provider, embeddings: Any
) -> None:
    provider.answers = [Answer({"embeddings": embeddings, "id": "x"})]
    config = EmbeddingConfig(
        "bedrock",
        "cohere.embed-multilingual-v3",
        dimensions=2,
        host=provider.url,
        aws=KEYS,
    )
    async with aclosing(BedrockEmbedder(config)) as embedder:
        await embedder.embed_documents(["one", "two"])
        rows = await embedder.embed_queries(["one", "two"])
    assert rows[0].tolist() == pytest.approx([0.6, 0.8])
    kinds = [request.body["input_type"] for request in provider.requests]
    assert kinds == ["search_document", "search_query"]


def test_other_embedding_models_are_refused_by_name() -> None:
    config = EmbeddingConfig("bedrock", "amazon.nova-x", host="http://x", aws=KEYS)
    with pytest.raises(NotConfigured, match=r"amazon\.nova-x"):
        BedrockEmbedder(config)
