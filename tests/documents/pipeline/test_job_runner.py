"""The job runner: fairness between documents, and storage of every result."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from django.db import OperationalError

from documents.pipeline.database_steps import DatabaseSteps
from documents.pipeline.fair_semaphore import RunStopped
from documents.pipeline.job_runner import MAX_UNSTORED_RESULTS, JobRunner
from documents.pipeline.jobs import JobOwner, Lane
from retrieval.llm import event_loop
from retrieval.llm.errors import BadAnswer, ProviderDown
from tests.waiting import wait_until

T = TypeVar("T")


@dataclass
class Log:
    """The jobs that have started and stored their results, in order."""

    started: list[str] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)
    attempts: list[str] = field(default_factory=list)
    may_return: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class FakeJob:
    """A call that returns its name once the log allows it."""

    name: str
    log: Log
    error: Exception | None = None
    purpose: str = "extract"
    lane: Lane = Lane.CHAT

    async def run(self) -> str:
        self.log.started.append(self.name)
        await self.log.may_return.wait()
        if self.error:
            raise self.error
        return self.name

    def store(self, done: Sequence[tuple[FakeJob, str]]) -> None:
        self.log.stored += [name for _, name in done]


@dataclass(frozen=True)
class FlakyStoreJob(FakeJob):
    """A job whose database is unavailable the first time."""

    def store(self, done: Sequence[tuple[FakeJob, str]]) -> None:
        self.log.attempts.append(self.name)
        if len(self.log.attempts) == 1:
            raise OperationalError("the connection is lost")
        FakeJob.store(self, done)


@dataclass(frozen=True)
class BrokenStoreJob(FakeJob):
    """A job whose results cannot be stored."""

    def store(self, done: Sequence[tuple[FakeJob, str]]) -> None:
        raise ValueError("no such column")


class Harness:
    """A runner whose database steps are served by the test's own thread."""

    def __init__(self, limit: int) -> None:
        self.database = DatabaseSteps()
        self.runner = JobRunner(dict.fromkeys(Lane, limit), self.database)

    def serve(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.database.serve(event_loop.submit(coroutine))

    def run(
        self, log: Log, *owned: tuple[JobOwner, Sequence[FakeJob]]
    ) -> list[Exception]:
        """Run the jobs of several owners concurrently; return all errors."""

        async def main() -> list[Exception]:
            runs = [
                asyncio.ensure_future(self.runner.run(owner, jobs))
                for owner, jobs in owned
            ]
            await asyncio.sleep(0.01)  # every owner has requested its first slot
            log.may_return.set()
            return [error for run in runs for error in await run]

        return self.serve(main())


def document(number: int, workspace: int = 1) -> JobOwner:
    return JobOwner(workspace, number, f"doc-{number}")


def jobs(log: Log, *names: str, error: Exception | None = None) -> list[FakeJob]:
    return [FakeJob(name, log, error) for name in names]


def test_calls_rotate_between_the_documents_of_a_workspace() -> None:
    log = Log()
    long, short = jobs(log, "long0", "long1", "long2"), jobs(log, "short")
    Harness(1).run(log, (document(1), long), (document(2), short))
    assert log.started == ["long0", "long1", "short", "long2"]


def test_calls_rotate_between_workspaces_of_any_size() -> None:
    log = Log()
    many = [(document(n), jobs(log, f"big{n}")) for n in range(5)]
    Harness(1).run(log, *many, (document(9, workspace=2), jobs(log, "small")))
    assert log.started.index("small") <= 2


def test_a_run_returns_when_all_results_are_stored() -> None:
    log = Log()
    assert Harness(8).run(log, (document(1), jobs(log, *"01234"))) == []
    assert sorted(log.stored) == list("01234")


def test_a_run_without_jobs_returns_at_once() -> None:
    assert Harness(1).run(Log(), (document(1), [])) == []


def test_a_failed_job_leaves_the_others_of_its_document_running() -> None:
    log = Log()
    bad = jobs(log, "a", error=BadAnswer("bad"))
    errors = Harness(1).run(log, (document(1), [*bad, *jobs(log, "b")]))
    assert [str(error) for error in errors] == ["bad"]
    assert log.stored == ["b"]


def test_no_further_job_starts_while_the_provider_is_down() -> None:
    log = Log()
    down = jobs(log, "a", error=ProviderDown("down"))
    errors = Harness(1).run(log, (document(1), [*down, *jobs(log, "b", "c")]))
    assert [str(error) for error in errors] == ["down"]
    assert log.started == ["a"]


def test_results_are_stored_again_after_the_connection_was_lost() -> None:
    log = Log()
    assert Harness(1).run(log, (document(1), [FlakyStoreJob("a", log)])) == []
    assert log.stored == ["a"]
    assert len(log.attempts) == 2


def test_an_error_of_the_database_is_raised_as_it_is() -> None:
    log = Log()
    with pytest.raises(ValueError, match="no such column"):
        Harness(1).run(log, (document(1), [BrokenStoreJob("a", log)]))


def test_running_jobs_are_stored_when_the_runner_stops() -> None:
    log, harness = Log(), Harness(2)

    async def main() -> None:
        run = asyncio.ensure_future(harness.runner.run(document(1), jobs(log, *"0123")))
        await asyncio.sleep(0.01)
        harness.runner.stop()
        log.may_return.set()
        await run

    with pytest.raises(RunStopped):
        harness.serve(main())
    assert sorted(log.stored) == ["0", "1"]


def test_cancelling_a_document_stops_its_running_and_waiting_calls() -> None:
    log, harness = Log(), Harness(1)

    async def main() -> list[Exception]:
        cancelled = asyncio.ensure_future(
            harness.runner.run(document(1), jobs(log, "a", "b"))
        )
        await asyncio.sleep(0.01)
        cancelled.cancel()
        await asyncio.gather(cancelled, return_exceptions=True)
        log.may_return.set()
        return await harness.runner.run(document(2), jobs(log, "c"))

    assert harness.serve(main()) == []
    assert log.started == ["a", "c"]
    assert log.stored == ["c"]


def test_the_next_call_starts_before_the_last_result_is_stored() -> None:
    log, harness = Log(), Harness(1)
    log.may_return.set()
    task = event_loop.submit(harness.runner.run(document(1), jobs(log, *"012")))
    wait_until(lambda: len(log.started) == 3)
    assert log.stored == []
    harness.database.serve(task)
    assert log.stored == ["0", "1", "2"]


def test_the_number_of_unstored_results_is_bounded() -> None:
    log, harness = Log(), Harness(4)
    log.may_return.set()
    names = [str(number) for number in range(MAX_UNSTORED_RESULTS + 50)]
    task = event_loop.submit(harness.runner.run(document(1), jobs(log, *names)))
    wait_until(lambda: len(log.started) == MAX_UNSTORED_RESULTS)
    harness.database.serve(task)
    assert len(log.stored) == MAX_UNSTORED_RESULTS + 50


def test_lanes_do_not_wait_for_each_other() -> None:
    log, harness = Log(), Harness(1)
    slow = [FakeJob(f"slow{n}", log, lane=Lane.EMBEDDING) for n in range(9)]
    ready = Log()
    ready.may_return.set()

    async def main() -> None:
        embedding = asyncio.ensure_future(harness.runner.run(document(1), slow))
        await harness.runner.run(document(1), jobs(ready, "chat"))
        assert log.started == ["slow0"]
        log.may_return.set()
        await embedding

    harness.serve(main())
    assert ready.stored == ["chat"]
    assert len(log.stored) == 9
