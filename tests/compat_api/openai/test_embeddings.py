"""Embeddings with OpenAI's client."""

from __future__ import annotations

import numpy as np
import openai
import pytest
from bpe_openai import get_encoding
from openai import OpenAI


def test_vectors_have_length_one(openai_client: OpenAI) -> None:
    answer = openai_client.embeddings.create(model="hash", input=["radium", "polonium"])
    vectors = np.array([item.embedding for item in answer.data])
    assert vectors.shape == (2, 64)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert [item.index for item in answer.data] == [0, 1]
    assert answer.usage.total_tokens > 1


def test_text_and_token_ids_have_the_same_vector(openai_client: OpenAI) -> None:
    create = openai_client.embeddings.create
    from_text = create(model="LightRAG", input="radium", encoding_format="float")
    as_base64 = create(model="LightRAG", input="radium", encoding_format="base64")
    token_ids = get_encoding("cl100k_base").encode("radium")
    from_tokens = create(model="LightRAG", input=[token_ids])
    vector = from_text.data[0].embedding
    assert vector == from_tokens.data[0].embedding
    assert isinstance(as_base64.data[0].embedding, str)


@pytest.mark.parametrize("texts", [[], [" "], "", [[-1]], [[10**9]]])
def test_blank_or_invalid_input_is_refused(
    openai_client: OpenAI, texts: list[str]
) -> None:
    with pytest.raises(openai.BadRequestError):
        openai_client.embeddings.create(model="hash", input=texts)


def test_other_dimensions_and_models_are_refused(openai_client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="64"):
        openai_client.embeddings.create(model="hash", input="x", dimensions=3)
    with pytest.raises(openai.NotFoundError):
        openai_client.embeddings.create(model="ada", input="x")
