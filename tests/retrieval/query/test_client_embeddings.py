"""Embedding calls of clients are recorded for their workspace."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from asgiref.sync import async_to_sync

from documents.models import Workspace
from retrieval.llm import event_loop
from retrieval.llm.base import Vectors
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.usage.models import LLMCall
from retrieval.query import client_embeddings
from tests.flows import stand_in_provider
from tests.retrieval.conftest import Configure
from tests.retrieval.llm.provider import Provider


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as server:
        server.respond = stand_in_provider.respond
        yield server


def test_an_embedding_call_is_recorded_in_the_ledger(
    workspace: Workspace, provider: Provider, configure: Configure
) -> None:
    configure(
        embedding=EmbeddingConfig(
            "openai",
            "hash",
            stand_in_provider.DIMENSIONS,
            host=f"{provider.url}/v1",
            api_key=stand_in_provider.KEY,
        )
    )

    async def embed() -> Vectors:
        try:
            return await client_embeddings.embed(workspace, ["radium", "polonium"])
        finally:
            await event_loop.close_clients()

    vectors = async_to_sync(embed)()
    assert vectors.shape == (2, stand_in_provider.DIMENSIONS)
    call = LLMCall.objects.get()
    assert (call.workspace, call.purpose) == (workspace, LLMCall.Purpose.EMBEDDING)
    assert call.prompt_tokens
    assert call.question
