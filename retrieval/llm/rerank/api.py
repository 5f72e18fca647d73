"""Rerank APIs of Cohere, Jina and Aliyun (docs/lightrag.md B.6)."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from retrieval.llm import tls
from retrieval.llm.calls.retrying import retried
from retrieval.llm.clients import error_bodies, http_errors
from retrieval.llm.config import RerankConfig
from retrieval.llm.errors import BadAnswer, ProviderDown, ProviderTimeout
from retrieval.llm.event_loop import PerEventLoop
from retrieval.llm.limits import limited_calls
from retrieval.llm.limits.limited_calls import CHARS_PER_TOKEN
from retrieval.llm.usage import ledger
from retrieval.llm.usage.ledger import Call

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Dialect:
    """The address, default model and request body of one provider."""

    host: str
    model: str
    body: Callable[[str, str, list[str], int], Body]


def _plain(model: str, query: str, documents: list[str], top_n: int) -> Body:
    return {"model": model, "query": query, "documents": documents, "top_n": top_n}


def _jina(model: str, query: str, documents: list[str], top_n: int) -> Body:
    return {**_plain(model, query, documents, top_n), "return_documents": False}


def _aliyun(model: str, query: str, documents: list[str], top_n: int) -> Body:
    return {
        "model": model,
        "input": {"query": query, "documents": documents},
        "parameters": {"top_n": top_n, "return_documents": False},
    }


DIALECTS = {
    "cohere": Dialect(
        "https://api.cohere.com/v2/rerank",
        "rerank-v3.5",
        _plain,
    ),
    "jina": Dialect(
        "https://api.jina.ai/v1/rerank",
        "jina-reranker-v2-base-multilingual",
        _jina,
    ),
    "aliyun": Dialect(
        "https://dashscope.aliyuncs.com/api/v1/services/rerank/text-rerank/text-rerank",
        "gte-rerank-v2",
        _aliyun,
    ),
}


class HttpReranker:
    """A reranker behind an API."""

    def __init__(self, config: RerankConfig) -> None:
        self._dialect = DIALECTS[config.binding]
        self._host = config.host or self._dialect.host
        self._model = config.model or self._dialect.model
        self._limiter = limited_calls.of_rerank(config)
        headers = (
            {"Authorization": f"Bearer {config.api_key}"} if config.api_key else {}
        )
        self._clients = PerEventLoop(
            lambda: httpx.AsyncClient(
                timeout=config.timeout, headers=headers, verify=tls.context()
            )
        )

    async def rerank(
        self, query: str, documents: Sequence[str], top_n: int
    ) -> list[tuple[int, float]]:
        if not documents:
            return []
        count = min(top_n, len(documents))
        body = self._dialect.body(self._model, query, list(documents), count)
        started = time.monotonic()
        answer = await retried(lambda: self._post(body), is_question=True)
        seconds = time.monotonic() - started
        chars = sum(map(len, documents)) + len(documents) * len(query)
        ledger.record(Call(self._model, chars // CHARS_PER_TOKEN, seconds=seconds))
        ranked = self._ranked(answer, len(documents))
        return ranked[:count]

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        client = self._clients.pop()
        if client is not None:
            await client.aclose()

    @property
    def _label(self) -> str:
        return f"{self._model} at {self._host}"

    async def _post(self, body: Body) -> Any:
        try:
            async with self._limiter.slot():
                response = await self._clients.get().post(self._host, json=body)
            return _checked(response, self._label).json()
        except httpx.TimeoutException as error:
            raise ProviderTimeout(f"{self._label}: no answer in time.") from error
        except httpx.HTTPError as error:
            message = str(error) or type(error).__name__
            raise ProviderDown(f"{self._label}: {message}") from error
        except ValueError as error:
            raise BadAnswer(f"{self._label}: the answer is not JSON.") from error

    def _ranked(self, answer: Any, count: int) -> list[tuple[int, float]]:
        if error_bodies.has_error(answer):
            raise error_bodies.as_error(answer, self._label)
        try:
            scores = {
                int(result["index"]): _score(result) for result in _results(answer)
            }
        except (KeyError, TypeError, ValueError) as error:
            raise BadAnswer(
                f"{self._label}: no results in {str(answer)[:300]}"
            ) from error
        valid = {index: score for index, score in scores.items() if 0 <= index < count}
        return sorted(_as_probabilities(valid).items(), key=lambda item: -item[1])


def _results(answer: Any) -> list[dict[str, Any]]:
    """Return the results: a list, also as TEI sends it, or in a field of the answer."""
    if isinstance(answer, list):
        return answer
    for name in ("results", "data", "scores"):
        if isinstance(answer.get(name), list):
            results: list[dict[str, Any]] = answer[name]
            return results
    return _results(answer["output"])


def _score(result: dict[str, Any]) -> float:
    """Return the score, by the names that servers use."""
    scores = (result.get(name) for name in ("relevance_score", "score", "logit"))
    score = next((score for score in scores if score is not None), None)
    if score is None:
        raise KeyError("relevance_score")
    return float(score)


def _as_probabilities(scores: dict[int, float]) -> dict[int, float]:
    """Return scores between 0 and 1; raw logits, as llama.cpp sends them, are mapped."""
    if all(0 <= score <= 1 for score in scores.values()):
        return scores
    return {index: 1 / (1 + math.exp(-score)) for index, score in scores.items()}


def _checked(response: httpx.Response, label: str) -> httpx.Response:
    if response.is_success:
        return response
    text = f"{label}: {response.status_code} {response.text[:500]}"
    raise http_errors.from_status(response.status_code, text, response.headers)
