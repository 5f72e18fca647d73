"""Errors as exceptions of Ollama's client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import ollama
import pytest

from retrieval.llm import errors as llm
from retrieval.llm.base import ChatModel
from retrieval.llm.testing.fake import FakeChat
from tests.compat_api.ollama.conftest import ask
from tests.compat_api.serving import Served

Answering = Callable[[ChatModel], None]


@pytest.mark.parametrize(
    ("wrong", "status", "message"),
    [
        ({"messages": []}, 400, "No messages provided"),
        (
            {"messages": [{"role": "assistant", "content": "x"}]},
            400,
            "Last message must be from user role",
        ),
        (
            {"messages": [{"role": "user", "content": "x", "images": [b"png"]}]},
            400,
            "Images are not supported",
        ),
        ({"model": "llama9"}, 404, "model 'llama9' not found"),
        ({"content": "x" * 70_000}, 413, "messages.0.content: at most 65536"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_error_names_the_problem(
    client: ollama.Client,
    wrong: dict[str, Any],
    status: int,
    message: str,
    stream: bool,
) -> None:
    with pytest.raises(ollama.ResponseError) as caught:
        list(ask(client, stream=stream, **wrong))
    assert caught.value.status_code == status
    assert message in caught.value.error


def test_invalid_json_has_lightrags_message(served: Served) -> None:
    answer = httpx.post(f"{served.base_url}/api/chat", content=b'{"model":')
    assert answer.status_code == 400
    assert answer.json()["detail"] == "Invalid JSON in request body"


@pytest.mark.parametrize("stream", [False, True])
def test_provider_failure_is_reported(
    client: ollama.Client, answering: Answering, stream: bool
) -> None:
    answering(FakeChat(lambda request: llm.RateLimited("slow down", 31.0)))
    with pytest.raises(ollama.ResponseError, match="slow down") as caught:
        list(ask(client, stream=stream))
    assert caught.value.status_code == 429


class FailingStream(FakeChat):
    """Model whose stream fails after one word."""

    async def stream(self, request: Any) -> Any:
        yield "It "
        raise llm.ProviderDown("The connection was lost.")


def test_failure_during_a_stream_is_raised(
    client: ollama.Client, answering: Answering
) -> None:
    answering(FailingStream())
    parts = (part for part in ask(client, stream=True) if part.message.content)
    assert next(parts).message.content == "It "
    with pytest.raises(ollama.ResponseError, match="The connection was lost"):
        next(parts)
