"""Tests of embeddings through OpenAI's API, against an HTTP server."""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from retrieval.llm import tokens
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.embeddings.openai import (
    JinaEmbedder,
    OpenAIEmbedder,
    VoyageEmbedder,
)
from retrieval.llm.errors import (
    BadAnswer,
    BadCredentials,
    LLMError,
    ProviderDown,
    RateLimited,
    RequestRefused,
    WrongDimensions,
)
from tests.retrieval.llm.provider import Answer, Provider, ReceivedRequest


@pytest.fixture
def config(provider: Provider) -> EmbeddingConfig:
    return EmbeddingConfig(
        binding="openai", model="ada", dimensions=2, host=provider.url, api_key="k"
    )


def encoded(vector: list[float], request: ReceivedRequest) -> Any:
    if request.body.get("encoding_format") != "base64":
        return vector
    return base64.b64encode(np.array(vector, "<f4").tobytes()).decode()


def by_length(request: ReceivedRequest) -> Answer:
    """Return the vectors (length of the text, 1), in reverse order."""
    data = [
        {"index": number, "embedding": encoded([len(text), 1.0], request)}
        for number, text in enumerate(request.body["input"])
    ]
    return Answer({"data": data[::-1], "model": "ada", "object": "list"})


async def embed(config: EmbeddingConfig, texts: list[str]) -> np.ndarray[Any, Any]:
    async with aclosing(OpenAIEmbedder(config)) as embedder:
        return await embedder.embed_documents(texts)


def expected(texts: list[str]) -> np.ndarray[Any, Any]:
    rows = np.array([[len(text), 1.0] for text in texts])
    unit: np.ndarray[Any, Any] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


@pytest.mark.parametrize("use_base64", [True, False])
async def test_texts_become_rows_of_length_one_in_order(
    provider: Provider, config: EmbeddingConfig, *, use_base64: bool
) -> None:
    provider.respond = by_length
    texts = ["x" * n for n in range(1, 26)]
    rows = await embed(replace(config, use_base64=use_base64), texts)
    assert rows.dtype == np.float32
    assert np.allclose(rows, expected(texts), atol=1e-6)
    assert sorted(len(a.body["input"]) for a in provider.requests) == [5, 10, 10]


async def test_a_server_without_base64_may_send_numbers(
    provider: Provider, config: EmbeddingConfig
) -> None:
    numbers = {"data": [{"index": 0, "embedding": [3.0, 4.0]}]}
    provider.answers = [Answer(numbers)]
    assert np.allclose(await embed(config, ["x"]), [[0.6, 0.8]])


async def test_no_texts_are_no_request(config: EmbeddingConfig) -> None:
    assert (await embed(config, [])).shape == (0, 2)


async def test_the_dimensions_are_sent_if_configured(
    provider: Provider, config: EmbeddingConfig
) -> None:
    provider.respond = by_length
    await embed(config, ["x"])
    await embed(replace(config, send_dimensions=True, options={"user": "me"}), ["x"])
    assert "dimensions" not in provider.requests[0].body
    assert provider.requests[1].body["dimensions"] == 2
    assert provider.requests[1].body["user"] == "me"


async def test_questions_and_documents_have_different_prefixes(
    provider: Provider, config: EmbeddingConfig
) -> None:
    provider.respond = by_length
    prefixed = replace(config, query_prefix="query: ", document_prefix="passage: ")
    async with aclosing(OpenAIEmbedder(prefixed)) as embedder:
        await embedder.embed_queries(["q"])
        await embedder.embed_documents(["d"])
    assert [a.body["input"] for a in provider.requests] == [
        ["query: q"],
        ["passage: d"],
    ]


async def test_texts_that_providers_reject_are_cleaned(
    provider: Provider, config: EmbeddingConfig
) -> None:
    provider.respond = by_length
    await embed(replace(config, token_limit=5), ["", "a\x00\ud800b", "one two " * 9])
    empty, odd, long = provider.requests[0].body["input"]
    assert (empty, odd) == (" ", "ab")
    assert tokens.count(long) == 5


async def test_vectors_of_another_length_name_the_setting(
    provider: Provider, config: EmbeddingConfig
) -> None:
    provider.respond = by_length
    with pytest.raises(WrongDimensions, match="set EMBEDDING_DIM=2"):
        await embed(replace(config, dimensions=3), ["x"])
    assert len(provider.requests) == 1


async def test_a_batch_is_retried_after_a_temporary_error(
    provider: Provider, config: EmbeddingConfig
) -> None:
    limited = Answer({"error": {}}, 429, {"Retry-After": "0.01"})
    turns = iter([limited, limited])
    provider.respond = lambda request: next(turns, None) or by_length(request)
    assert np.allclose(await embed(config, ["xx"]), expected(["xx"]))
    assert len(provider.requests) == 3


@pytest.mark.parametrize(
    ("answer", "error", "times"),
    [
        (Answer({"error": {}}, 429, {"Retry-After": "0.01"}), RateLimited, 3),
        (Answer({"error": {}}, 500), ProviderDown, 3),
        (Answer({"error": {}}, 401), BadCredentials, 1),
        (Answer({"data": [{"index": 0, "embedding": [0.0, 0.0]}]}), BadAnswer, 3),
    ],
)
async def test_three_attempts_are_made_only_for_temporary_errors(
    provider: Provider,
    config: EmbeddingConfig,
    answer: Answer,
    error: type[LLMError],
    times: int,
) -> None:
    provider.answers = [answer]
    with pytest.raises(error):
        await embed(config, ["x"])
    assert len(provider.requests) == times


def counting(most: list[int]) -> Callable[[ReceivedRequest], Answer]:
    def respond(request: ReceivedRequest) -> Answer:
        most.append(len(request.body["input"]))
        return Answer(by_length(request).body, delay=0.05)

    return respond


async def test_batches_are_sent_concurrently_under_the_limit(
    provider: Provider, config: EmbeddingConfig
) -> None:
    sizes: list[int] = []
    provider.respond = counting(sizes)
    small = replace(config, batch_size=1, max_async=2)
    rows = await embed(small, ["x" * n for n in range(1, 7)])
    assert sizes == [1] * 6
    assert np.allclose(rows, expected(["x" * n for n in range(1, 7)]), atol=1e-6)


async def test_a_missing_vector_is_a_bad_answer(
    provider: Provider, config: EmbeddingConfig
) -> None:
    provider.answers = [Answer({"data": [{"index": 0, "embedding": [1.0, 0.0]}]})]
    with pytest.raises(BadAnswer, match="1 vectors for 2 texts"):
        await embed(config, ["x", "y"])


@pytest.mark.parametrize("accepted", ["float", None])
async def test_an_encoding_that_the_server_refuses_is_not_sent_again(
    provider: Provider, config: EmbeddingConfig, accepted: str | None
) -> None:
    def respond(request: ReceivedRequest) -> Answer:
        if request.body.get("encoding_format") != accepted:
            return Answer({"detail": [{"loc": ["body"], "msg": "extra fields"}]}, 422)
        return by_length(request)

    provider.respond = respond
    async with aclosing(OpenAIEmbedder(config)) as embedder:
        first = await embedder.embed_documents(["xx", "x"])
        refusals = len(provider.requests) - 1
        await embedder.embed_documents(["xx"])
    assert np.allclose(first, expected(["xx", "x"]))
    assert len(provider.requests) == refusals + 2


@pytest.mark.parametrize(
    "data",
    [
        {"data": [{"embedding": [2.0, 1.0]}, {"embedding": [1.0, 1.0]}]},
        {
            "data": [
                {"index": 0, "embedding": [[2.0, 1.0]]},
                {"index": 1, "embedding": [[1.0, 1.0]]},
            ]
        },
        {
            "data": [
                {"index": 0, "embedding": [2.0, 1.0]},
                {"index": 0, "embedding": [1.0, 1.0]},
            ]
        },
        {"embeddings": [[2.0, 1.0], [1.0, 1.0]]},
    ],
)
async def test_the_shapes_of_other_servers_are_read(
    provider: Provider, config: EmbeddingConfig, data: dict[str, Any]
) -> None:
    provider.answers = [Answer(data)]
    assert np.allclose(await embed(config, ["xx", "x"]), expected(["xx", "x"]))


async def test_a_batch_that_is_too_large_is_split_and_its_size_is_remembered(
    provider: Provider, config: EmbeddingConfig, caplog: pytest.LogCaptureFixture
) -> None:
    def respond(request: ReceivedRequest) -> Answer:
        if len(request.body["input"]) > 4:
            return Answer({"error": {"message": "batch size 10 > maximum 4"}}, 413)
        return by_length(request)

    provider.respond = respond
    texts = ["x" * n for n in range(1, 11)]
    async with aclosing(OpenAIEmbedder(config)) as embedder:
        await embedder.embed_documents(["x"])
        assert np.allclose(await embedder.embed_documents(texts), expected(texts))
        provider.requests.clear()
        await embedder.embed_documents(texts)
    assert max(len(request.body["input"]) for request in provider.requests) <= 4
    assert "EMBEDDING_BATCH_NUM=" in caplog.text


async def test_a_text_that_is_too_long_for_the_model_is_cut(
    provider: Provider, config: EmbeddingConfig, caplog: pytest.LogCaptureFixture
) -> None:
    def respond(request: ReceivedRequest) -> Answer:
        if any(tokens.count(text) > 50 for text in request.body["input"]):
            message = "This model's maximum context length is 50 tokens"
            return Answer({"error": {"message": message}}, 400)
        return by_length(request)

    provider.respond = respond
    rows = await embed(config, ["word " * 200, "x"])
    assert rows.shape == (2, 2)
    assert "EMBEDDING_TOKEN_LIMIT=" in caplog.text


async def test_a_missing_vector_is_not_requested_again(
    provider: Provider, config: EmbeddingConfig
) -> None:
    provider.answers = [Answer({"data": [{"index": 0, "embedding": None}]})]
    with pytest.raises(RequestRefused, match="EMBEDDING_MODEL"):
        await embed(config, ["x"])
    assert len(provider.requests) == 1


@pytest.mark.parametrize(
    ("embedder_class", "document", "query"),
    [
        (
            JinaEmbedder,
            {"task": "retrieval.passage", "dimensions": 2, "embedding_type": "base64"},
            {"task": "retrieval.query", "dimensions": 2, "embedding_type": "base64"},
        ),
        (
            VoyageEmbedder,
            {
                "input_type": "document",
                "truncation": True,
                "encoding_format": "base64",
            },
            {"input_type": "query", "truncation": True, "encoding_format": "base64"},
        ),
    ],
)
async def test_jina_and_voyage_have_fields_of_their_own(
    provider: Provider,
    config: EmbeddingConfig,
    embedder_class: type[OpenAIEmbedder],
    document: dict[str, Any],
    query: dict[str, Any],
) -> None:
    provider.answers = [Answer({"data": [{"index": 0, "embedding": [3.0, 4.0]}]})]
    # LightRAG's address of Jina contains the route.
    adapted = replace(config, host=f"{provider.url}/v1/embeddings")
    async with aclosing(embedder_class(adapted)) as embedder:
        await embedder.embed_documents(["x"])
        await embedder.embed_queries(["x"])
    assert {request.path for request in provider.requests} == {"/v1/embeddings"}
    bodies = [request.body for request in provider.requests]
    common = {"model": "ada", "input": ["x"]}
    assert bodies == [common | document, common | query]
