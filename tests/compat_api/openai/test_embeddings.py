"""Embeddings by OpenAI's client."""

from __future__ import annotations

import numpy as np
import openai
import pytest
from bpe_openai import get_encoding
from openai import OpenAI


def test_texts_become_vectors_of_length_one(openai_client: OpenAI) -> None:
    answer = openai_client.embeddings.create(model="hash", input=["radium", "polonium"])
    vectors = np.array([one.embedding for one in answer.data])
    assert vectors.shape == (2, 64)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert [one.index for one in answer.data] == [0, 1]
    assert answer.usage.total_tokens > 1


def test_both_encodings_and_token_numbers_give_the_same(openai_client: OpenAI) -> None:
    create = openai_client.embeddings.create
    plain = create(model="LightRAG", input="radium", encoding_format="float")
    packed = create(model="LightRAG", input="radium", encoding_format="base64")
    numbers = get_encoding("cl100k_base").encode("radium")
    counted = create(model="LightRAG", input=[numbers])
    one = plain.data[0].embedding
    assert one == counted.data[0].embedding
    assert isinstance(packed.data[0].embedding, str)


@pytest.mark.parametrize("texts", [[], [" "], "", [[-1]], [[10**9]]])
def test_what_cannot_be_embedded_is_refused(
    openai_client: OpenAI, texts: list[str]
) -> None:
    with pytest.raises(openai.BadRequestError):
        openai_client.embeddings.create(model="hash", input=texts)


def test_other_dimensions_and_models_are_refused(openai_client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="64"):
        openai_client.embeddings.create(model="hash", input="x", dimensions=3)
    with pytest.raises(openai.NotFoundError):
        openai_client.embeddings.create(model="ada", input="x")
