"""Tests of the relay: answers are kept when the worker that asked is killed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings
from yarl import URL

from retrieval.llm.base import ChatRequest, Message
from retrieval.llm.chat.openai import OpenAIChat
from retrieval.llm.config import ChatConfig, EmbeddingConfig
from retrieval.llm.embeddings.ollama import OllamaEmbedder
from retrieval.llm.errors import ProviderDown, ProviderTimeout, RateLimited
from retrieval.llm.relay import server
from tests.retrieval.llm.provider import Answer, Provider

HELLO = ChatRequest((Message("user", "Hello."),))
ANSWERED = {
    "id": "1",
    "object": "chat.completion",
    "created": 0,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "Good day."},
        }
    ],
}


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    socket = tmp_path_factory.mktemp("relay") / "here" / "relay.sock"
    process = subprocess.Popen(
        [sys.executable, "-m", "lightrag_site.running.relay", str(socket)]
    )
    end = time.monotonic() + 20
    while not socket.exists() and time.monotonic() < end:
        time.sleep(0.05)
    yield socket
    process.terminate()
    process.wait(20)


@pytest.fixture
def relay(process: Path, settings: Settings) -> Path:
    settings.MODEL_RELAY = str(process)
    return process


def worker(provider: Provider, timeout: float = 10) -> OpenAIChat:
    """Return a model of another process."""
    return OpenAIChat(ChatConfig("openai", "m", provider.url, "key", timeout=timeout))


async def test_an_answer_through_the_relay_equals_a_direct_one(
    relay: Path, provider: Provider
) -> None:
    provider.answers = [Answer(ANSWERED)]
    chat = worker(provider)
    assert (await chat.complete(HELLO)).text == "Good day."
    request = provider.requests[0]
    assert request.path == "/chat/completions"
    assert request.headers["authorization"] == "Bearer key"
    assert not any(name.startswith("x-relay") for name in request.headers)
    await chat.aclose()


async def test_the_call_of_a_killed_worker_is_delivered_to_the_next(
    relay: Path, provider: Provider
) -> None:
    provider.answers = [Answer(ANSWERED, delay=0.5)]
    killed, successor = worker(provider), worker(provider)
    call = asyncio.create_task(killed.complete(HELLO))
    while not provider.requests:
        await asyncio.sleep(0.01)
    call.cancel()
    await asyncio.wait([call])
    await killed.aclose()
    assert (await successor.complete(HELLO)).text == "Good day."
    assert len(provider.requests) == 1
    await successor.aclose()


async def test_an_answer_that_a_killed_worker_got_is_delivered_to_the_next(
    relay: Path, provider: Provider
) -> None:
    provider.answers = [Answer(ANSWERED)]
    killed, successor = worker(provider), worker(provider)
    await killed.complete(HELLO)
    await killed.aclose()
    assert (await successor.complete(HELLO)).text == "Good day."
    assert len(provider.requests) == 1
    await successor.aclose()


async def test_a_client_that_repeats_its_request_gets_a_new_answer(
    relay: Path, provider: Provider
) -> None:
    provider.answers = [Answer(ANSWERED)]
    chat = worker(provider)
    await chat.complete(HELLO)
    await chat.complete(HELLO)
    assert len(provider.requests) == 2
    await chat.aclose()


async def test_an_error_is_passed_on_and_not_kept(
    relay: Path, provider: Provider
) -> None:
    slow_down = Answer({"error": {"message": "slow"}}, 429, {"Retry-After": "7"})
    provider.answers = [slow_down, Answer(ANSWERED)]
    chat = worker(provider)
    with pytest.raises(RateLimited, match="slow") as caught:
        await chat.complete(HELLO)
    assert caught.value.retry_after == 7
    assert (await chat.complete(HELLO)).text == "Good day."
    await chat.aclose()


async def test_an_unreachable_provider_is_down(relay: Path) -> None:
    nowhere = ChatConfig("openai", "m", "http://127.0.0.1:9", "key")
    chat = OpenAIChat(nowhere)
    with pytest.raises(ProviderDown, match=r"127\.0\.0\.1:9"):
        await chat.complete(HELLO)
    await chat.aclose()


async def test_a_slow_provider_times_out_through_the_relay(
    relay: Path, provider: Provider
) -> None:
    provider.answers = [Answer(ANSWERED, delay=1.5)]
    chat = worker(provider, timeout=0.3)
    with pytest.raises(ProviderTimeout):
        await chat.complete(HELLO)
    await chat.aclose()


async def test_a_provider_that_stops_in_the_middle_of_an_answer_had_begun(
    relay: Path, provider: Provider
) -> None:
    chunk = 'data: {"choices": [{"index": 0, "delta": {"content": "Good"}}]}\n\n'
    provider.answers = [Answer([chunk, chunk], pause=1.5)]
    chat = worker(provider, timeout=0.3)
    with pytest.raises(ProviderTimeout) as caught:
        await chat.complete(ChatRequest(HELLO.messages, max_chars=1000))
    assert caught.value.has_begun
    await chat.aclose()


async def test_ollamas_client_uses_the_relay(relay: Path, provider: Provider) -> None:
    provider.answers = [Answer({"embeddings": [[0.0, 1.0]]})]
    config = EmbeddingConfig("ollama", "m", dimensions=2, host=provider.url)
    first, successor = OllamaEmbedder(config), OllamaEmbedder(config)
    await first.embed_documents(["a"])
    assert (await successor.embed_documents(["a"])).shape == (1, 2)
    assert len(provider.requests) == 1
    for client in (first, successor):
        await client.aclose()


async def test_without_the_relay_a_worker_calls_the_provider(
    settings: Settings, provider: Provider
) -> None:
    settings.MODEL_RELAY = "/nowhere/relay.sock"
    provider.answers = [Answer(ANSWERED)]
    chat = worker(provider)
    assert (await chat.complete(HELLO)).text == "Good day."
    await chat.aclose()


def test_the_socket_is_private(process: Path) -> None:
    assert process.parent.stat().st_mode & 0o777 == 0o700


def test_the_proxy_of_the_environment_is_used_except_for_hosts_without_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "localhost,.internal.example")
    proxies = [
        server._proxy(URL(address))
        for address in (
            "https://api.example/v1",
            "https://models.internal.example/v1",
            "http://api.example/v1",
        )
    ]
    assert proxies == ["http://proxy.example:3128", None, None]
