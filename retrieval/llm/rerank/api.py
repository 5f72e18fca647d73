"""Rerank APIs of Cohere, Jina and Aliyun (docs/lightrag.md B.6)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from retrieval.llm.calls.retrying import retried
from retrieval.llm.clients import http_errors
from retrieval.llm.config import RerankConfig
from retrieval.llm.errors import BadAnswer, ProviderDown, ProviderTimeout
from retrieval.llm.event_loop import PerEventLoop
from retrieval.llm.limits import limiter
from retrieval.llm.limits.limiter import CHARS_PER_TOKEN
from retrieval.llm.usage import ledger
from retrieval.llm.usage.ledger import Call

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Dialect:
    """The request body of one provider, and the results in its answer."""

    host: str
    model: str
    body: Callable[[str, str, list[str], int], Body]
    results: Callable[[Body], Any]


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
        lambda answer: answer["results"],
    ),
    "jina": Dialect(
        "https://api.jina.ai/v1/rerank",
        "jina-reranker-v2-base-multilingual",
        _jina,
        lambda answer: answer["results"],
    ),
    "aliyun": Dialect(
        "https://dashscope.aliyuncs.com/api/v1/services/rerank/text-rerank/text-rerank",
        "gte-rerank-v2",
        _aliyun,
        lambda answer: answer["output"]["results"],
    ),
}


class HttpReranker:
    """A reranker behind an API."""

    def __init__(self, config: RerankConfig) -> None:
        self._dialect = DIALECTS[config.binding]
        self._host = config.host or self._dialect.host
        self._model = config.model or self._dialect.model
        self._limiter = limiter.of_rerank(config)
        headers = (
            {"Authorization": f"Bearer {config.api_key}"} if config.api_key else {}
        )
        self._clients = PerEventLoop(
            lambda: httpx.AsyncClient(timeout=config.timeout, headers=headers)
        )

    async def rerank(
        self, query: str, documents: Sequence[str], top_n: int
    ) -> list[tuple[int, float]]:
        if not documents:
            return []
        count = min(top_n, len(documents))
        body = self._dialect.body(self._model, query, list(documents), count)
        started = time.monotonic()
        answer = await retried(lambda: self._post(body))
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
        try:
            scores = {
                int(result["index"]): float(result["relevance_score"])
                for result in self._dialect.results(answer)
            }
        except (KeyError, TypeError, ValueError) as error:
            raise BadAnswer(
                f"{self._label}: no results in {str(answer)[:300]}"
            ) from error
        valid = [item for item in scores.items() if 0 <= item[0] < count]
        return sorted(valid, key=lambda item: -item[1])


def _checked(response: httpx.Response, label: str) -> httpx.Response:
    if response.is_success:
        return response
    text = f"{label}: {response.status_code} {response.text[:500]}"
    raise http_errors.from_status(response.status_code, text, response.headers)
