"""Run the jobs of many documents concurrently, within the limit of each lane."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.conf import settings

from documents.parse_process import memory
from documents.pipeline import database_steps
from documents.pipeline.database_steps import DatabaseSteps
from documents.pipeline.fair_semaphore import FairSemaphore, RunStopped, Slot
from documents.pipeline.jobs import (
    Job,
    JobOwner,
    Lane,
    by_lane,
    concerns_one_request,
    run_traced,
)
from retrieval.llm import event_loop
from retrieval.llm.usage import ledger
from retrieval.llm.usage.ledger import Call

Progress = Callable[[int, int], None]
"""Called with the number of jobs stored and the number of all jobs."""


MAX_UNSTORED_RESULTS = 256
"""Upper bound on model calls that are running or whose results are not stored yet."""


@dataclass(slots=True)
class Outcome:
    """The errors of one `JobRunner.run`, and why it started no more jobs."""

    errors: list[Exception] = field(default_factory=list)
    provider_failed: bool = False
    stopped: bool = False

    def add(self, error: Exception) -> None:
        """Record a failed job."""
        self.errors.append(error)
        if not concerns_one_request(error):
            self.provider_failed = True


class JobRunner:
    """Runs jobs on the event loop; their results are stored by `database`.

    `on_stored` is called with the number of jobs whose results are stored.
    """

    def __init__(
        self,
        limits: Mapping[Lane, int],
        database: DatabaseSteps,
        on_stored: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.lanes = {lane: FairSemaphore(limit) for lane, limit in limits.items()}
        self._database = database
        self._on_stored = on_stored
        self._stored = 0
        self._retry = database_steps.WriteRetry()
        self._unstored = asyncio.Semaphore(MAX_UNSTORED_RESULTS)

    async def run(self, owner: JobOwner, jobs: Iterable[Job]) -> list[Exception]:
        """Run the jobs and store their results; return the errors of failed jobs.

        A failed job does not affect the running ones. After an error that would also
        affect other requests, no further job of this call starts. Raises RunStopped if
        the runner was stopped before the last job started. Also raises the errors of
        the database.
        """
        outcome = Outcome()
        try:
            async with asyncio.TaskGroup() as lanes:
                for lane, lane_jobs in by_lane(jobs).items():
                    lanes.create_task(self._run_lane(owner, lane, lane_jobs, outcome))
        except BaseExceptionGroup as group:
            raise first_error(group) from None
        if outcome.stopped:
            raise RunStopped
        return outcome.errors

    def is_full(self, workspace_id: int) -> bool:
        """Return whether enough documents of a workspace wait to fill the chat lane."""
        chat = self.lanes[Lane.CHAT]
        return chat.waiting(workspace_id) >= chat.limit

    def stop(self) -> None:
        """Start no more jobs. Those that run are completed and stored."""
        for semaphore in self.lanes.values():
            semaphore.stop()

    async def _run_lane(
        self, owner: JobOwner, lane: Lane, jobs: Sequence[Job], outcome: Outcome
    ) -> None:
        async with asyncio.TaskGroup() as calls:
            for job in jobs:
                try:
                    slot = await self.lanes[lane].acquire(owner.workspace_id)
                except RunStopped:
                    outcome.stopped = True
                    return
                if outcome.provider_failed:
                    slot.release()
                    return
                task = calls.create_task(self._run_job(owner, job, slot, outcome))
                # A task that is cancelled before its first step releases no slot.
                task.add_done_callback(partial(release, slot))

    async def _run_job(
        self, owner: JobOwner, job: Job, slot: Slot, outcome: Outcome
    ) -> None:
        calls: list[Call] = []
        async with self._unstored:
            try:
                result = await run_traced(job, owner, calls)
            except Exception as error:  # noqa: BLE001 - reported to the owner of the job
                outcome.add(error)
                return
            finally:
                slot.release()
                for paid in owner.costs(job, calls):
                    self._database.post("ledger", self._write_costs, paid)
            key = (type(job), owner.workspace_id)
            await self._database.batch(key, self._store_results, (job, result))
        self._stored += 1
        self._on_stored(self._stored)

    def _store_results(self, done: list[tuple[Job, Any]]) -> None:
        """Store (job, result) pairs of one class."""
        job, _ = done[0]
        self._retry(partial(job.store, done))

    def _write_costs(self, paid: list[ledger.LedgerEntry]) -> None:
        self._retry(partial(ledger.write, paid))


def release(slot: Slot, _: object) -> None:
    slot.release()


def first_error(group: BaseExceptionGroup) -> BaseException:
    """Return the first error in nested exception groups; it cancelled the others."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def lane_limits() -> dict[Lane, int]:
    """Return enough jobs of each lane to keep the models' own limits busy."""
    config = settings.LIGHTRAG
    return {
        Lane.PARSING: memory.per_process().processes,
        Lane.DOCLING: config.docling.max_parallel,
        Lane.MINERU: config.mineru.max_parallel,
        Lane.CHAT: 2 * config.extract_llm.max_async,
        Lane.VISION: 2 * config.vlm_llm.max_async,
        Lane.SUMMARY: config.extract_llm.max_async,
        Lane.EMBEDDING: 2 * config.embedding.max_async,
    }


def run_and_wait(workspace_id: int, jobs: Sequence[Job], progress: Progress) -> None:
    """Run jobs of a workspace. Raises the first error when all have ended."""
    database = DatabaseSteps()
    runner = JobRunner(
        lane_limits(), database, on_stored=lambda stored: progress(stored, len(jobs))
    )
    run = event_loop.submit(runner.run(JobOwner(workspace_id), jobs))
    errors = database.serve(run)
    if errors:
        raise errors[0]
