"""How long each step of a question took, and how many tokens it was."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from retrieval.llm import spans


class Clock:
    """Seconds since it was made, and by step; tokens by step where a model reads."""

    def __init__(self) -> None:
        self.steps: dict[str, float] = {}
        self.tokens: dict[str, int] = {}
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count what runs inside as the step `name`, and tell of it as a span."""
        started = time.monotonic()
        try:
            with spans.span(name):
                yield
        finally:
            self.steps[name] = time.monotonic() - started
