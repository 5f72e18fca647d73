"""An unreachable provider: documents wait for it and continue by themselves."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from tests import live_server
from tests.flows import stand_in_provider
from tests.retrieval.llm.provider import Answer, Provider

DOCUMENTS = 8
TIMEOUT_SECONDS = 120.0


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as server:
        server.respond = lambda _: Answer({"error": {"message": "unavailable"}}, 503)
        yield server


@pytest.fixture
def site(provider: Provider) -> Iterator[httpx.Client]:
    variables = {
        "LLM_BINDING": "openai",
        "LLM_MODEL": "gpt",
        "LLM_BINDING_HOST": f"{provider.url}/v1",
        "LLM_BINDING_API_KEY": stand_in_provider.KEY,
        "EMBEDDING_BINDING": "openai",
        "EMBEDDING_MODEL": "hash",
        "EMBEDDING_DIM": str(stand_in_provider.DIMENSIONS),
        "EMBEDDING_BINDING_HOST": f"{provider.url}/v1",
        "EMBEDDING_BINDING_API_KEY": stand_in_provider.KEY,
        "CHUNK_ATTEMPTS": "1",
        "LOG_LEVEL": "WARNING",
    }
    with live_server.running(variables) as client:
        yield client


def wait_for_message(site: httpx.Client, words: str) -> str:
    """Return the pipeline's message once it contains `words`."""
    end = time.monotonic() + TIMEOUT_SECONDS
    message = ""
    while words not in message and time.monotonic() < end:
        message = site.get("/documents/pipeline_status").json()["latest_message"]
        time.sleep(0.1)
    return message


def test_documents_wait_for_an_unreachable_provider_and_show_the_reason(
    provider: Provider, site: httpx.Client
) -> None:
    texts = [f"Ada{n} met Bob{n} in Paris." for n in range(DOCUMENTS)]
    names = [f"{n}.txt" for n in range(DOCUMENTS)]
    body = {"texts": texts, "file_sources": names}
    site.post("/documents/texts", json=body).raise_for_status()
    message = wait_for_message(site, "Next try in")
    assert message.startswith("Waiting for the model: ")
    counts = site.get("/documents/status_counts").json()["status_counts"]
    assert (counts["failed"], counts["processed"]) == (0, 0)
    provider.respond = stand_in_provider.respond
    live_server.settle(site, DOCUMENTS)
