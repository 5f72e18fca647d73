"""Rerank APIs, against a server that speaks them."""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import Any

import pytest

from retrieval.llm.config import RerankConfig
from retrieval.llm.errors import (
    BadAnswer,
    BadCredentials,
    ProviderDown,
    ProviderTimeout,
)
from retrieval.llm.rerank.api import HttpReranker
from tests.retrieval.llm.provider import Answer, Provider

DOCUMENTS = ["cats", "dogs", "fish"]
RESULTS = [
    {"index": 0, "relevance_score": 0.1},
    {"index": 2, "relevance_score": 0.9},
    {"index": 1, "relevance_score": 0.5},
    {"index": 7, "relevance_score": 1.0},
]


def config(binding: str, host: str, **settings: Any) -> RerankConfig:
    return RerankConfig(
        **{"binding": binding, "host": host, "api_key": "k", **settings}
    )


async def ranked(config: RerankConfig, top_n: int = 2) -> list[tuple[int, float]]:
    async with aclosing(HttpReranker(config)) as reranker:
        return await reranker.rerank("pets?", DOCUMENTS, top_n)


@pytest.mark.parametrize(
    ("binding", "answer", "body"),
    [
        (
            "cohere",
            {"results": RESULTS},
            {
                "model": "rerank-v3.5",
                "query": "pets?",
                "documents": DOCUMENTS,
                "top_n": 2,
            },
        ),
        (
            "jina",
            {"results": RESULTS},
            {
                "model": "jina-reranker-v2-base-multilingual",
                "query": "pets?",
                "documents": DOCUMENTS,
                "top_n": 2,
                "return_documents": False,
            },
        ),
        (
            "aliyun",
            {"output": {"results": RESULTS}},
            {
                "model": "gte-rerank-v2",
                "input": {"query": "pets?", "documents": DOCUMENTS},
                "parameters": {"top_n": 2, "return_documents": False},
            },
        ),
    ],
)
async def test_each_provider_gets_a_request_in_its_format(
    provider: Provider, binding: str, answer: dict[str, Any], body: dict[str, Any]
) -> None:
    provider.answers = [Answer(answer)]
    assert await ranked(config(binding, provider.url)) == [(2, 0.9), (1, 0.5)]
    assert provider.requests[0].body == body
    assert provider.requests[0].headers["authorization"] == "Bearer k"


async def test_a_refused_request_is_retried(provider: Provider) -> None:
    limited = Answer("slow down", 429, {"Retry-After": "0.01"})
    provider.answers = [limited, limited, Answer({"results": RESULTS})]
    assert len(await ranked(config("jina", provider.url))) == 2


async def test_a_refused_key_is_not_tried_again(provider: Provider) -> None:
    provider.answers = [Answer("unknown key", 401)]
    with pytest.raises(BadCredentials, match="unknown key"):
        await ranked(config("cohere", provider.url))
    assert len(provider.requests) == 1


@pytest.mark.parametrize("body", ["<html>", {"results": [{"index": 0}]}, {}])
async def test_an_answer_without_scores_is_a_bad_answer(
    provider: Provider, body: Any
) -> None:
    provider.answers = [Answer(body)]
    with pytest.raises(BadAnswer, match=r"rerank-v3\.5 at"):
        await ranked(config("cohere", provider.url))


async def test_a_slow_and_an_unreachable_provider_have_different_errors(
    provider: Provider, unused_address: str
) -> None:
    provider.answers = [Answer({"results": []}, delay=0.3)]
    with pytest.raises(ProviderTimeout):
        await ranked(config("cohere", provider.url, timeout=0.05))
    with pytest.raises(ProviderDown):
        await ranked(config("cohere", unused_address))


async def test_no_documents_are_no_request(unused_address: str) -> None:
    async with aclosing(HttpReranker(config("cohere", unused_address))) as reranker:
        assert await reranker.rerank("pets?", [], 5) == []


@pytest.mark.parametrize(
    "answer",
    [
        {
            "results": [
                {"index": 0, "relevance_score": -8},
                {"index": 1, "relevance_score": -2},
            ]
        },
        [{"index": 0, "score": -8.0}, {"index": 1, "score": -2.0}],
        {"data": [{"index": 0, "score": -8.0}, {"index": 1, "score": -2.0}]},
    ],
)
async def test_logits_become_probabilities(provider: Provider, answer: Any) -> None:
    body = answer if isinstance(answer, dict) else json.dumps(answer)
    provider.answers = [Answer(body)]
    (best, second) = await ranked(config("jina", provider.url))
    assert (best[0], second[0]) == (1, 0)
    assert 0 < second[1] < best[1] < 1


async def test_an_error_with_status_200_is_raised_in_the_providers_words(
    provider: Provider,
) -> None:
    provider.answers = [Answer({"error": {"code": 401, "message": "No such key"}})]
    with pytest.raises(BadCredentials, match="No such key"):
        await ranked(config("jina", provider.url))
