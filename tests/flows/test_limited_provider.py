"""A provider that sends 429, as OpenAI's client of a live server sees it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import OpenAI

from tests import live_server
from tests.flows import stand_in_provider
from tests.retrieval.llm.provider import Provider


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as server:
        yield server


@pytest.fixture
def client(provider: Provider) -> Iterator[OpenAI]:
    variables = {
        "LLM_BINDING": "openai",
        "LLM_MODEL": "gpt",
        "LLM_BINDING_HOST": f"{provider.url}/v1",
        "LLM_BINDING_API_KEY": stand_in_provider.KEY,
        "EMBEDDING_BINDING": "fake",
        "LOG_LEVEL": "WARNING",
    }
    with (
        live_server.running(variables) as site,
        OpenAI(base_url=f"{site.base_url}/v1", api_key="x", max_retries=0) as client,
    ):
        yield client


def test_a_rate_limit_is_passed_on_and_retry_after_is_obeyed(
    provider: Provider, client: OpenAI
) -> None:
    wait = {"Retry-After": "47"}
    provider.respond = stand_in_provider.refusing(
        429, "rate_limit_exceeded", "Slow down.", **wait
    )
    question: Any = {"role": "user", "content": "Who discovered Radium?"}
    for stream in (False, True):
        with pytest.raises(openai.RateLimitError, match="Slow down") as limited:
            client.chat.completions.create(
                model="LightRAG:bypass", messages=[question], stream=stream
            )
        assert 1 <= int(limited.value.response.headers["Retry-After"]) <= 47
    assert len(provider.requests) == 1
