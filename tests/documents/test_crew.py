"""Jobs of many owners, one of each in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import OperationalError

from documents.crew import Crew
from retrieval.llm.errors import BadAnswer, ProviderDown


@dataclass
class Log:
    begun: list[str] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)
    failed: list[BaseException] = field(default_factory=list)
    tries: list[str] = field(default_factory=list)

    def done(self, errors: Sequence[BaseException]) -> None:
        self.failed.extend(errors)
        self.stored.append("done")


@dataclass(frozen=True)
class Task:
    name: str
    log: Log
    error: Exception | None = None
    purpose: str = "extract"

    async def run(self) -> str:
        self.log.begun.append(self.name)
        await asyncio.sleep(0)
        if self.error:
            raise self.error
        return self.name

    def store(self, done: Sequence[tuple[Task, str]]) -> None:
        self.log.stored += [result for _, result in done]


def run(crew: Crew) -> None:
    while crew.busy:
        crew.step(timeout=5)


def test_owners_take_turns() -> None:
    log, crew = Log(), Crew(limit=1)
    crew.start(1, "long", [Task(f"long{n}", log) for n in range(3)], log.done)
    crew.start(1, "short", [Task("short", log)], log.done)
    run(crew)
    assert log.begun == ["long0", "short", "long1", "long2"] or log.begun[:3] == [
        "long0",
        "long1",
        "short",
    ]


def test_groups_take_turns_however_many_owners_they_have() -> None:
    log, crew = Log(), Crew(limit=1)
    for owner in range(5):
        crew.start(1, f"big{owner}", [Task(f"big{owner}", log)], log.done)
    crew.start(2, "only", [Task("small", log)], log.done)
    run(crew)
    assert log.begun.index("small") <= 2


def test_what_comes_next_waits_for_the_last_job_to_be_stored() -> None:
    log, crew = Log(), Crew(limit=8)
    crew.start(1, "a", [Task(str(n), log) for n in range(5)], log.done)
    run(crew)
    assert log.stored[-1] == "done"
    assert sorted(log.stored[:-1]) == list("01234")


def test_no_jobs_are_done_at_once() -> None:
    log, crew = Log(), Crew(limit=8)
    crew.start(1, "a", [], log.done)
    assert log.stored == ["done"]


def test_a_failing_job_leaves_its_owner_s_others_to_be_done() -> None:
    log, crew = Log(), Crew(limit=1)
    jobs = [Task("a", log, BadAnswer("bad")), Task("b", log)]
    crew.start(1, "x", jobs, log.done)
    run(crew)
    assert log.stored == ["b", "done"]
    assert [str(error) for error in log.failed] == ["bad"]


def test_a_provider_that_is_down_is_not_asked_for_the_rest() -> None:
    log, crew = Log(), Crew(limit=1)
    jobs = [Task("a", log, ProviderDown("down")), Task("b", log), Task("c", log)]
    crew.start(1, "x", jobs, log.done)
    run(crew)
    assert len(log.begun) < 3
    assert log.stored[-1] == "done"


def test_a_dropped_owner_s_waiting_jobs_never_begin() -> None:
    log, crew = Log(), Crew(limit=1)
    crew.start(1, "x", [Task(str(n), log) for n in range(3)], log.done)
    crew.drop("x")
    run(crew)
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
    log, crew = Log(), Crew(limit=1)
    crew.start(1, "a", [Unlucky("dear", log)], log.done)
    run(crew)
    assert log.stored == ["dear", "done"]
    assert len(log.tries) == 2


def test_answers_under_way_are_kept_when_the_work_breaks_off() -> None:
    log, crew = Log(), Crew(limit=2)
    crew.start(1, "a", [Task(str(n), log) for n in range(4)], log.done)
    crew.salvage(seconds=5)
    crew.disband()
    assert sorted(log.stored) == ["0", "1"]


def test_a_dropped_owners_job_is_not_its_successors() -> None:
    log, crew = Log(), Crew(limit=2)
    crew.start(1, 7, [Task("old", log)], log.done)
    crew.drop(7)
    crew.start(1, 7, [Task(f"new{n}", log) for n in range(3)], log.done)
    run(crew)
    assert sorted(log.stored) == ["done", "new0", "new1", "new2", "old"]
