"""Tests of database steps: items are batched, and a failing item does not affect others."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError

from documents.pipeline import database_steps
from documents.pipeline.database_steps import DatabaseSteps, WriteRetry
from retrieval.llm import event_loop


def serve(database: DatabaseSteps, coroutine: Coroutine[Any, Any, None]) -> None:
    database.serve(event_loop.submit(coroutine))


def raising(error: Exception) -> Callable[[list[str]], None]:
    def step(items: list[str]) -> None:
        raise error

    return step


def test_an_item_that_fails_its_batch_fails_alone() -> None:
    database, stored = DatabaseSteps(), list[str]()

    def store(items: list[str]) -> None:
        if "bad" in items:
            raise ValueError("bad")
        stored.extend(items)

    async def main() -> None:
        database.post("key", store, "a")
        database.post("key", store, "b")
        with pytest.raises(ValueError, match="bad"):
            await database.batch("key", store, "bad")

    serve(database, main())
    assert sorted(stored) == ["a", "b"]


def test_a_soft_time_limit_in_a_posted_step_ends_the_run() -> None:
    database = DatabaseSteps()

    async def main() -> None:
        database.post("ledger", raising(SoftTimeLimitExceeded()), "call")

    with pytest.raises(SoftTimeLimitExceeded):
        serve(database, main())


def test_an_error_of_a_posted_step_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    database = DatabaseSteps()

    async def main() -> None:
        database.post("ledger", raising(ValueError("no such column")), "call")

    serve(database, main())
    assert "no such column" in caplog.text


def test_only_the_first_write_waits_for_an_unavailable_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database_steps, "MAX_WRITE_SECONDS", 0.1)
    retry, attempts = WriteRetry(), list[str]()

    def write() -> None:
        attempts.append("write")
        raise OperationalError("the connection is lost")

    with pytest.raises(OperationalError):
        retry(write)
    waited = len(attempts)
    with pytest.raises(OperationalError):
        retry(write)
    assert (waited, len(attempts)) == (2, 3)
