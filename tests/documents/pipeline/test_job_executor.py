"""Jobs of many owners, one of each in turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Timer

from django.db import OperationalError

from documents.pipeline.job_executor import UNSTORED, Crew
from documents.pipeline.jobs import Lane
from retrieval.llm.errors import BadAnswer, ProviderDown


@dataclass
class Log:
    begun: list[str] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)
    failed: list[BaseException] = field(default_factory=list)
    tries: list[str] = field(default_factory=list)
    may_end: Event = field(default_factory=Event)

    def done(self, errors: Sequence[BaseException]) -> None:
        self.failed.extend(errors)
        self.stored.append("done")


@dataclass(frozen=True)
class Task:
    name: str
    log: Log
    error: Exception | None = None
    purpose: str = "extract"
    lane: Lane = Lane.CHAT

    async def run(self) -> str:
        self.log.begun.append(self.name)
        await asyncio.to_thread(self.log.may_end.wait)
        if self.error:
            raise self.error
        return self.name

    def store(self, done: Sequence[tuple[Task, str]]) -> None:
        self.log.stored += [result for _, result in done]


def crew_of(limit: int) -> Crew:
    return Crew(dict.fromkeys(Lane, limit))


def run(crew: Crew, log: Log) -> None:
    log.may_end.set()
    while crew.busy:
        crew.step(timeout=5)


def test_owners_take_turns() -> None:
    log, crew = Log(), crew_of(limit=1)
    crew.start(1, "long", [Task(f"long{n}", log) for n in range(3)], log.done)
    crew.start(1, "short", [Task("short", log)], log.done)
    run(crew, log)
    assert log.begun == ["long0", "long1", "short", "long2"]


def test_groups_take_turns_however_many_owners_they_have() -> None:
    log, crew = Log(), crew_of(limit=1)
    for owner in range(5):
        crew.start(1, f"big{owner}", [Task(f"big{owner}", log)], log.done)
    crew.start(2, "only", [Task("small", log)], log.done)
    run(crew, log)
    assert log.begun.index("small") <= 2


def test_what_comes_next_waits_for_the_last_job_to_be_stored() -> None:
    log, crew = Log(), crew_of(limit=8)
    crew.start(1, "a", [Task(str(n), log) for n in range(5)], log.done)
    run(crew, log)
    assert log.stored[-1] == "done"
    assert sorted(log.stored[:-1]) == list("01234")


def test_no_jobs_are_done_at_once() -> None:
    log, crew = Log(), crew_of(limit=8)
    crew.start(1, "a", [], log.done)
    assert log.stored == ["done"]


def test_a_failing_job_leaves_its_owner_s_others_to_be_done() -> None:
    log, crew = Log(), crew_of(limit=1)
    jobs = [Task("a", log, BadAnswer("bad")), Task("b", log)]
    crew.start(1, "x", jobs, log.done)
    run(crew, log)
    assert log.stored == ["b", "done"]
    assert [str(error) for error in log.failed] == ["bad"]


def test_a_provider_that_is_down_is_not_asked_for_the_rest() -> None:
    log, crew = Log(), crew_of(limit=1)
    jobs = [Task("a", log, ProviderDown("down")), Task("b", log), Task("c", log)]
    crew.start(1, "x", jobs, log.done)
    run(crew, log)
    assert len(log.begun) < 3
    assert log.stored[-1] == "done"


def test_a_dropped_owner_s_waiting_jobs_never_begin() -> None:
    log, crew = Log(), crew_of(limit=1)
    crew.start(1, "x", [Task(str(n), log) for n in range(3)], log.done)
    crew.drop("x")
    run(crew, log)
    assert log.begun == ["0"]
    assert "done" not in log.stored


@dataclass(frozen=True)
class Unlucky(Task):
    """Its database is away the first time."""

    def store(self, done: Sequence[tuple[Task, str]]) -> None:
        self.log.tries.append(self.name)
        if len(self.log.tries) == 1:
            raise OperationalError("the connection is lost")
        Task.store(self, done)


def test_what_was_paid_for_outlasts_a_lost_connection() -> None:
    log, crew = Log(), crew_of(limit=1)
    crew.start(1, "a", [Unlucky("dear", log)], log.done)
    run(crew, log)
    assert log.stored == ["dear", "done"]
    assert len(log.tries) == 2


def test_answers_under_way_are_kept_when_the_work_breaks_off() -> None:
    log, crew = Log(), crew_of(limit=2)
    crew.start(1, "a", [Task(str(n), log) for n in range(4)], log.done)
    Timer(0.1, log.may_end.set).start()
    crew.salvage(seconds=5)
    crew.disband()
    assert sorted(log.stored) == ["0", "1"]


def test_a_dropped_owners_job_is_not_its_successors() -> None:
    log, crew = Log(), crew_of(limit=2)
    crew.start(1, 7, [Task("old", log)], log.done)
    crew.drop(7)
    crew.start(1, 7, [Task(f"new{n}", log) for n in range(3)], log.done)
    run(crew, log)
    assert sorted(log.stored) == ["done", "new0", "new1", "new2", "old"]


def test_the_next_job_begins_while_nobody_stores_the_last() -> None:
    log, crew = Log(), crew_of(limit=1)
    crew.start(1, "a", [Task(str(n), log) for n in range(3)], log.done)
    log.may_end.set()
    wait_until(lambda: len(log.begun) == 3)
    assert log.stored == []
    run(crew, log)
    assert log.stored == ["0", "1", "2", "done"]


def test_no_more_is_bought_than_may_be_lost() -> None:
    log, crew = Log(), crew_of(limit=4)
    log.may_end.set()
    tasks = [Task(str(n), log) for n in range(UNSTORED + 50)]
    crew.start(1, "a", tasks, log.done)
    wait_until(lambda: len(log.begun) == UNSTORED)
    assert crew.waiting == 50
    run(crew, log)
    assert len(log.stored) == UNSTORED + 50 + 1


def test_slow_embedding_keeps_no_model_from_being_asked() -> None:
    log, slow, crew = Log(), Log(), crew_of(limit=1)
    jobs = [Task(str(n), slow, lane=Lane.EMBEDDING) for n in range(9)]
    crew.start(1, "slow", jobs, slow.done)
    crew.start(1, "a", [Task("chat", log)], log.done)
    log.may_end.set()
    while not log.stored:
        crew.step(timeout=5)
    assert slow.begun == ["0"]
    run(crew, slow)
    assert len(slow.stored) == 10


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true() and time.monotonic() < end:
        time.sleep(0.005)
    assert true()
