"""Errors as exceptions of OpenAI's SDK."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI
from pytest_django import Settings

from retrieval.llm import errors as llm
from retrieval.llm.base import ChatModel
from retrieval.llm.errors import LLMError
from retrieval.llm.testing.fake import FakeChat
from tests.compat_api.serving import Served

Answering = Callable[[ChatModel], None]


def ask(client: OpenAI, **options: Any) -> Any:
    options.setdefault("model", "LightRAG:naive")
    options.setdefault(
        "messages", [{"role": "user", "content": "Who discovered radium?"}]
    )
    return client.chat.completions.create(**options)


@pytest.fixture
def locked(served: Served, settings: Settings) -> Iterator[Served]:
    """Return a server that requires an API key."""
    server = replace(settings.LIGHTRAG.server, api_key="sesame")
    settings.LIGHTRAG = replace(settings.LIGHTRAG, server=server)
    yield served


def test_api_key_of_the_sdk_is_accepted(locked: Served) -> None:
    with OpenAI(base_url=locked.openai_url, api_key="sesame") as client:
        assert client.models.list().data
        assert ask(client).choices


def test_wrong_key_is_refused(locked: Served) -> None:
    with (
        OpenAI(base_url=locked.openai_url, api_key="wrong") as client,
        pytest.raises(openai.AuthenticationError) as caught,
    ):
        ask(client)
    assert caught.value.code == "invalid_api_key"


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": ["x"]}, "messages"),
        ({"stream": True, "stream_options": "x"}, "stream_options"),
        ({"messages": [{"role": "king", "content": "x"}]}, "messages"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "messages"),
        ({"messages": [{"role": "user", "content": " "}]}, "messages"),
        ({"temperature": 3}, "temperature"),
        ({"n": 2}, "n"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"extra_body": {"mode": "sideways"}}, "mode"),
        ({"extra_body": {"top_k": 0}}, "top_k"),
    ],
)
def test_bad_request_names_the_field(
    openai_client: OpenAI, wrong: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        ask(openai_client, **wrong)
    assert caught.value.type == "invalid_request_error"
    assert (caught.value.param or "").startswith(param)


def test_images_are_refused(openai_client: OpenAI) -> None:
    picture = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    with pytest.raises(openai.BadRequestError, match="Only text"):
        ask(openai_client, messages=[{"role": "user", "content": [picture]}])


def test_unknown_model_is_not_found(openai_client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="gpt-9") as caught:
        ask(openai_client, model="gpt-9")
    assert caught.value.code == "model_not_found"
    with pytest.raises(openai.NotFoundError):
        openai_client.models.retrieve("gpt-9")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("failure", "raised", "code"),
    [
        (
            llm.RateLimited("slow down", 31.0),
            openai.RateLimitError,
            "rate_limit_exceeded",
        ),
        (llm.ContextTooLong(), openai.BadRequestError, "context_length_exceeded"),
        (llm.RequestRefused("no"), openai.BadRequestError, "provider_refused"),
        (llm.ProviderTimeout(), openai.InternalServerError, "provider_timeout"),
        (llm.BadCredentials(), openai.InternalServerError, "provider_error"),
    ],
)
def test_provider_failure_has_its_own_error_code(
    openai_client: OpenAI,
    answering: Answering,
    failure: LLMError,
    raised: type[openai.APIStatusError],
    code: str,
    stream: bool,
) -> None:
    answering(FakeChat(lambda request: failure))
    with pytest.raises(raised) as caught:
        ask(openai_client, stream=stream)
    assert caught.value.code == code
    assert str(failure) in str(caught.value)
    if isinstance(failure, llm.RateLimited):
        assert caught.value.response.headers["Retry-After"] == "31"


class FailingStream(FakeChat):
    """Model whose stream fails after two words."""

    async def stream(self, request: Any) -> Any:
        yield "It "
        yield "was "
        raise llm.ProviderDown("The connection was lost.")


def test_failure_during_a_stream_is_raised(
    openai_client: OpenAI, answering: Answering
) -> None:
    answering(FailingStream())
    chunks = iter(ask(openai_client, stream=True))
    texts = [next(chunks).choices[0].delta.content for _ in range(4)]
    assert "".join(texts) == "It was "
    with pytest.raises(openai.APIError, match="The connection was lost"):
        next(chunks)


def test_invalid_json_is_a_bad_request(openai_client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="not valid JSON"):
        openai_client.post(
            "/chat/completions", cast_to=object, content=b'{"model":', body=None
        )


def test_too_large_body_has_openais_error_form(
    openai_client: OpenAI,
) -> None:
    message = {"role": "user", "content": "x" * 2_000_000}
    with pytest.raises(openai.APIStatusError, match="too large") as caught:
        ask(openai_client, messages=[message])
    assert (caught.value.status_code, caught.value.code) == (413, "request_too_large")


def test_unknown_path_has_openais_error_form(served: Served) -> None:
    for path in ("/v1/nothing", "/api/v1/models/a%0Ab"):
        answer = httpx.get(f"{served.base_url}{path}")
        assert answer.status_code == 404
        assert answer.json()["error"]["message"] == "Not Found"


def test_a_question_over_the_limit_names_the_limit(openai_client: OpenAI) -> None:
    messages: Any = [{"role": "user", "content": "x" * 65_537}]
    with pytest.raises(openai.BadRequestError, match="the limit is 65536") as caught:
        openai_client.chat.completions.create(model="LightRAG", messages=messages)
    assert caught.value.code == "context_length_exceeded"
