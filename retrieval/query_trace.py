"""The trace of one question: seconds, tokens and model calls of each step."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from retrieval.db_thread import run_in_db
from retrieval.llm.calls import tracing
from retrieval.llm.usage import ledger
from retrieval.llm.usage.ledger import Call, LedgerEntry
from retrieval.llm.usage.models import LLMCall

PURPOSES = {
    "keywords": LLMCall.Purpose.KEYWORDS,
    "embedding": LLMCall.Purpose.EMBEDDING,
    "relevance": LLMCall.Purpose.EMBEDDING,
    "rerank": LLMCall.Purpose.RERANK,
    "quotations": LLMCall.Purpose.EMBEDDING,
    "generation": LLMCall.Purpose.QUERY,
    "support": LLMCall.Purpose.QUERY,
}
"""Steps that call a model, and the purpose their calls are recorded under."""


class QueryTrace:
    """Seconds since it was created, and seconds, tokens and model calls by step."""

    def __init__(self, workspace_id: int) -> None:
        self.steps: dict[str, float] = {}
        self.tokens: dict[str, int] = {}
        self.calls: dict[str, list[Call]] = {}
        self._workspace_id = workspace_id
        self._writes: list[asyncio.Task[None]] = []
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure the body as the step `name`, and open a span for it."""
        started = time.monotonic()
        try:
            calls = self.calls.setdefault(name, [])
            with tracing.span(name), ledger.collect_calls(self._workspace_id, calls):
                yield
        finally:
            self.steps[name] = time.monotonic() - started

    def add_call(self, name: str, call: Call) -> None:
        """Add a model call to the step `name`."""
        self.calls.setdefault(name, []).append(call)

    def write_later(self, step: Callable[[], None]) -> None:
        """Start a database step that the answer need not wait for.

        `save_calls` waits for its end.
        """
        self._writes.append(asyncio.create_task(run_in_db(step)))

    async def save_calls(self) -> None:
        """Write all calls to the ledger under one id. One statement, or none."""
        if self._writes:
            await asyncio.shield(asyncio.gather(*self._writes))
            self._writes.clear()
        question = uuid.uuid4().hex
        paid = [
            LedgerEntry(self._workspace_id, PURPOSES[name], call, question=question)
            for name, calls in self.calls.items()
            for call in calls
        ]
        self.calls.clear()
        if paid:
            await asyncio.shield(run_in_db(ledger.write, paid))
