"""Durations of an answer in nanoseconds, as Ollama reports them."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from retrieval.query.token_usage import Usage


class AnswerTimer:
    """Measure an answer from the creation of this object."""

    def __init__(self) -> None:
        self._started = time.monotonic_ns()
        self._first_text = 0

    def mark_text(self) -> None:
        """Record that text has arrived; only the first call has an effect."""
        self._first_text = self._first_text or time.monotonic_ns()

    def total(self) -> int:
        """Return the nanoseconds since the start."""
        return time.monotonic_ns() - self._started

    def statistics(self, used: Usage) -> dict[str, int]:
        """Return the durations and token counts of Ollama's last line."""
        now = time.monotonic_ns()
        first_text = self._first_text or now
        return {
            "total_duration": now - self._started,
            "load_duration": 0,
            "prompt_eval_count": used.prompt,
            "prompt_eval_duration": first_text - self._started,
            "eval_count": used.completion,
            "eval_duration": now - first_text,
        }


def now() -> str:
    """Return the current time in Ollama's form."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
