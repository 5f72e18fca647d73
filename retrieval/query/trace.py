"""How long each step of a question took, how many tokens it was, and what it cost."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from retrieval.db_thread import in_database
from retrieval.llm.calls import tracing
from retrieval.llm.usage import ledger, recorder
from retrieval.llm.usage.ledger import Paid
from retrieval.llm.usage.models import LLMCall
from retrieval.llm.usage.recorder import Call

PURPOSES = {
    "keywords": LLMCall.Purpose.KEYWORDS,
    "embedding": LLMCall.Purpose.EMBEDDING,
    "rerank": LLMCall.Purpose.RERANK,
    "generation": LLMCall.Purpose.QUERY,
}
"""The steps that ask a model."""


class Clock:
    """Seconds since it was made, and by step; tokens by step where a model reads."""

    def __init__(self, workspace_id: int) -> None:
        self.steps: dict[str, float] = {}
        self.tokens: dict[str, int] = {}
        self.calls: dict[str, list[Call]] = {}
        self._workspace_id = workspace_id
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count what runs inside as the step `name`, and tell of it as a span."""
        started = time.monotonic()
        try:
            calls = self.calls.setdefault(name, [])
            with tracing.span(name), recorder.collect_calls(self._workspace_id, calls):
                yield
        finally:
            self.steps[name] = time.monotonic() - started

    def note(self, name: str, call: Call) -> None:
        """Add what a step's stream has cost."""
        self.calls.setdefault(name, []).append(call)

    async def settle(self) -> None:
        """Put all calls on the account, under one id. One statement, none for none."""
        question = uuid.uuid4().hex
        paid = [
            Paid(self._workspace_id, PURPOSES[name], call, question=question)
            for name, calls in self.calls.items()
            for call in calls
        ]
        self.calls.clear()
        if paid:
            await asyncio.shield(in_database(ledger.write, paid))
