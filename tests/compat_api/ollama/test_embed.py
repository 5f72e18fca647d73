"""Embeddings with Ollama's client."""

from __future__ import annotations

import ollama
import pytest


def test_texts_are_embedded(client: ollama.Client) -> None:
    response = client.embed("lightrag:latest", ["radium", "polonium"])
    assert [len(vector) for vector in response.embeddings] == [64, 64]
    vector = client.embeddings("hash", "radium").embedding
    assert list(vector) == pytest.approx(list(response.embeddings[0]))
    assert client.embed("lightrag", "radium").prompt_eval_count == 2
