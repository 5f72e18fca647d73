"""How long an answer took, in Ollama's nanoseconds."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from retrieval.query.token_usage import Usage


class Stopwatch:
    """Started when it is made; `first` is when the first words came."""

    def __init__(self) -> None:
        self._started = time.monotonic_ns()
        self._first = 0

    def words(self) -> None:
        """Words have come."""
        self._first = self._first or time.monotonic_ns()

    def total(self) -> int:
        """Nanoseconds until now."""
        return time.monotonic_ns() - self._started

    def statistics(self, used: Usage) -> dict[str, int]:
        """What Ollama's last line tells."""
        now = time.monotonic_ns()
        first = self._first or now
        return {
            "total_duration": now - self._started,
            "load_duration": 0,
            "prompt_eval_count": used.prompt,
            "prompt_eval_duration": first - self._started,
            "eval_count": used.completion,
            "eval_duration": now - first,
        }


def now() -> str:
    """The time as Ollama writes it."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
