"""The write path: parse -> describe, extract and embed -> merge -> summarize -> embed -> processed.

`Run.process` takes one document along this path; `merge_stage` contains its second
half. Every result is in the database when the next step starts, so no result is lost
when a worker dies: its leases expire, and another worker continues.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from django.db import ProgrammingError

from documents.errors import EmptyDocument
from documents.models import Document
from documents.pipeline import (
    database_steps,
    leases,
    maintenance,
    run_steps,
    transitions,
)
from documents.pipeline.database_steps import GATHER_SECONDS, DatabaseSteps
from documents.pipeline.fair_semaphore import RunStopped
from documents.pipeline.job_runner import JobRunner, first_error, lane_limits
from documents.pipeline.jobs import JobOwner
from documents.pipeline.merge_stage import MergeStage, RunResources
from documents.pipeline.steps import describe
from documents.pipeline.steps.embed_graph import StaleWorkspace
from documents.pipeline.steps.parse import ParseJob
from graph.curation import duplicates
from retrieval.llm import event_loop

MAX_BEFORE_MERGE = 64
"""Documents that are parsed and extracted at once, divided among the workspaces."""
MAX_LEASED = 256
"""Upper bound on leased documents, including those that are being merged."""
MIN_SHARE = 2
"""Lower bound on a workspace's share of MAX_BEFORE_MERGE."""
CLAIM_SECONDS = 0.5
"""Minimum time between claims, unless few documents are held and more are queued."""
WAIT_SECONDS = 0.25
CHECK_SECONDS = 1.0
REFRESH_SECONDS = 60.0
"""Minimum time between attempts to embed the same stale workspace."""
SALVAGE_SECONDS = 60.0
"""Time limit to finish and store running calls after a database error."""
STOP_SECONDS = 2.5
"""The same limit when the worker is stopped.

With CHECK_SECONDS it is less than CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT.
"""
logger = logging.getLogger(__name__)


def work(
    only: int | None = None,
    notify_others: Callable[[], None] | None = None,
    *,
    worker: str = "",
    should_stop: Callable[[], bool] = lambda: False,
    maintain: Callable[[], None] = lambda: None,
) -> int:
    """Process what is queued in all workspaces; return the number of documents handled.

    Return when all remaining documents are held by other workers. `only` restricts it
    to one workspace. `notify_others` is called once if more documents are queued than
    this process starts at once. `worker` names the process in its leases. When
    `should_stop` returns True, running calls are completed and stored, and the
    documents are released. `maintain` is called every few seconds.
    """
    with leases.owner(worker) as lease_owner:
        run = Run(lease_owner, only, notify_others, should_stop, maintain)
        return run.database.serve(event_loop.submit(run.main()))


class Run:
    """The documents that one worker holds, each processed by a coroutine of its own."""

    def __init__(
        self,
        lease_owner: str,
        only: int | None = None,
        notify_others: Callable[[], None] | None = None,
        should_stop: Callable[[], bool] = lambda: False,
        maintain: Callable[[], None] = lambda: None,
    ) -> None:
        self.only = only
        self.database = DatabaseSteps()
        self.resources = RunResources(
            lease_owner, self.database, JobRunner(lane_limits(), self.database)
        )
        self.handled = 0
        self.documents: dict[int, asyncio.Task[None]] = {}
        self.before_merge: dict[int, Document] = {}
        self._notify_others = notify_others
        self._should_stop = should_stop
        self._maintain = maintain
        self._refreshing: dict[int, asyncio.Task[None]] = {}
        self._refreshed: dict[StaleWorkspace, float] = {}
        self._workspaces: set[int] = set()
        self._tasks = asyncio.TaskGroup()
        self._changed = asyncio.Event()
        self._checked = self._claimed = self._maintained = 0.0
        self._last_workspace = 0
        self._more_queued = True
        self._stopped = False
        self._may_spend = True
        self._error: Exception | None = None
        self.merges = MergeStage(
            self.resources, self._start, self._changed, lambda: len(self.before_merge)
        )

    async def main(self) -> int:
        """Claim and process documents until none is left; return how many."""
        try:
            async with self._tasks:
                await self._check()
                while await self._claim() or self.documents or self._refreshing:
                    await self._wait()
                    self.merges.merge_if_due()
                    await self._check_if_due()
                await self._merge_duplicates()
                while self._refreshing:
                    await self._wait()
                    await self._check_if_due()
        except BaseExceptionGroup as group:
            raise first_error(group) from None
        if self._error:
            raise self._error
        return self.handled

    async def process(self, document: Document, parse_job: ParseJob | None) -> None:
        """Take a document from its file or text to the graph, or mark it failed."""
        owner = JobOwner(document.workspace_id, document.pk, document.public_id)
        jobs, database = self.resources.jobs, self.database
        if parse_job:
            errors = await jobs.run(owner, [parse_job])
            if errors:
                await database.run(
                    partial(run_steps.fail_to_parse, document, errors[0])
                )
                return
        extracted = await self._extract(owner, document.pk)
        if extracted is None:
            return
        if not extracted.content_summary:  # no text, and no figure was described
            await self._fail(extracted, EmptyDocument())
            return
        self.before_merge.pop(document.pk, None)
        await self.merges.process(extracted)

    async def _extract(self, owner: JobOwner, document_id: int) -> Document | None:
        """Describe the figures, extract and embed the chunks; return the document.

        Return None if it failed, was deleted or cancelled, or is a duplicate.
        """
        database = self.resources.database
        while True:
            prepared = await database.batch("prepare", run_steps.prepare, document_id)
            if prepared is None:
                return None
            if self._notify_others:
                self._start(self._notify_if_work_is_left())
            figures = [*describe.jobs(prepared.figures, database.run)]
            jobs = [*figures, *prepared.jobs]
            errors = await self.resources.jobs.run(owner, jobs)
            if errors:
                await self._fail(prepared.document, errors[0])
                return None
            if not figures:
                return prepared.document
            # The descriptions become chunks, which are extracted and embedded too.

    def stop(self, error: Exception | None = None) -> None:
        """Start no more calls; complete and store those that run, then release all.

        `error` is raised by `main` at the end. Calls that take longer than
        SALVAGE_SECONDS are cancelled.
        """
        if not self._stopped:
            self._stopped, self._error = True, error
            self.resources.jobs.stop()
            self._abandon_after(SALVAGE_SECONDS)

    def abandon(self) -> None:
        """Cancel the calls of all documents."""
        for task in [*self.documents.values(), *self._refreshing.values()]:
            task.cancel()

    def _abandon_after(self, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, self.abandon)

    async def _process(self, document: Document, parse_job: ParseJob | None) -> None:
        try:
            await self._process_or_fail(document, parse_job)
        except RunStopped:
            pass
        except database_steps.CONNECTION_ERRORS as error:
            self.stop(error)

    async def _process_or_fail(
        self, document: Document, parse_job: ParseJob | None
    ) -> None:
        """Process a document; fail it, and no other, after an unexpected error.

        A ProgrammingError is raised, because it is not the document's: the database has
        another schema than the code, as during an upgrade.
        """
        try:
            await self.process(document, parse_job)
        except (RunStopped, *database_steps.CONNECTION_ERRORS):
            raise
        except Exception as error:
            if not await self.database.run(
                partial(run_steps.workspace_exists, document)
            ):
                return
            if isinstance(error, ProgrammingError):
                raise
            logger.exception("Failed", extra={"document": document.public_id})
            await self._fail(document, error)

    async def _claim(self) -> int:
        """Lease more documents while there is room; return how many were leased."""
        if self._stopped or not self._may_spend or not self._may_claim():
            return 0
        self._claimed = time.monotonic()
        leased_counts = Counter(d.workspace_id for d in self.before_merge.values())
        share = max(MAX_BEFORE_MERGE // max(len(leased_counts), 1), MIN_SHARE)
        full = {
            workspace: share
            for workspace in leased_counts
            if self.resources.jobs.is_full(workspace)
        }
        step = partial(
            run_steps.lease,
            self.resources.lease_owner,
            share,
            leased_counts | full,
            only=self.only,
            after=self._last_workspace,
            room=min(MAX_BEFORE_MERGE, MAX_LEASED - len(self.documents)),
        )
        try:
            leased = await self.database.run(step)
        except database_steps.CONNECTION_ERRORS as error:
            self.stop(error)
            return 0
        workspaces = [document.workspace_id for document, _ in leased]
        self._last_workspace = _last(workspaces, self._last_workspace)
        for document, parse_job in leased:
            self._start_document(document, parse_job)
        self._more_queued = bool(leased)
        return len(leased)

    def _may_claim(self) -> bool:
        if not self.documents:
            return True  # the run ends only if nothing is left to claim
        if len(self.documents) >= MAX_LEASED:
            return False
        few = len(self.before_merge) < MAX_BEFORE_MERGE // 2
        return (
            few and self._more_queued
        ) or time.monotonic() - self._claimed > CLAIM_SECONDS

    def _start_document(self, document: Document, parse_job: ParseJob | None) -> None:
        if document.pk in self.documents:  # it was cancelled and retried at once
            self.documents[document.pk].cancel()
        task = self._start(self._process(document, parse_job))
        self.documents[document.pk] = task
        self.before_merge[document.pk] = document
        self.handled += 1
        self._workspaces.add(document.workspace_id)
        task.add_done_callback(partial(self._end_document, document))

    def _end_document(self, document: Document, task: asyncio.Task[None]) -> None:
        if self.documents.get(document.pk) is task:
            del self.documents[document.pk]
            self.before_merge.pop(document.pk, None)
        self._changed.set()

    async def _wait(self) -> None:
        """Wait for a document to end or to be extracted, for WAIT_SECONDS at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WAIT_SECONDS):
                await self._changed.wait()
        await asyncio.sleep(GATHER_SECONDS)  # results that were stored together
        self._changed.clear()

    async def _check_if_due(self) -> None:
        if time.monotonic() - self._checked > CHECK_SECONDS:
            await self._check()

    async def _check(self) -> None:
        """React to changes by users and other processes."""
        self._checked = time.monotonic()
        if self._should_stop():
            self.stop()
            self._abandon_after(STOP_SECONDS)
            return
        if self._checked - self._maintained > maintenance.INTERVAL_SECONDS:
            self._maintained = self._checked
            self._maintain()
        if self.handled and self._notify_others:
            await self._notify_if_work_is_left()
        step = partial(
            run_steps.observe,
            self.resources.lease_owner,
            list(self.documents),
            only=self.only,
        )
        try:
            observation = await self.database.run(step)
        except database_steps.CONNECTION_ERRORS as error:
            self.stop(error)
            return
        self._may_spend = not observation.budget_spent
        if observation.budget_spent and self.documents:
            self.stop()  # the next run embeds what is stale
        for document_id in observation.unwanted & self.documents.keys():
            self.documents[document_id].cancel()
        for workspace in observation.stale:
            self._refresh(workspace)

    async def _notify_if_work_is_left(self) -> None:
        """Notify another worker, once, if documents are left that no worker holds."""
        notify_others, self._notify_others = self._notify_others, None
        if notify_others is None:
            return
        try:
            await self.database.run(
                partial(run_steps.notify_if_work_is_left, notify_others)
            )
        except database_steps.CONNECTION_ERRORS as error:
            self.stop(error)

    def _refresh(self, workspace: StaleWorkspace) -> None:
        """Embed the rows that deletions and edits changed, one task per workspace."""
        workspace_id, now = workspace.workspace_id, time.monotonic()
        if workspace_id in self._refreshing or self._stopped:
            return
        if now - self._refreshed.get(workspace, -math.inf) < REFRESH_SECONDS:
            return
        self._refreshed[workspace] = now
        task = self._start(self._refresh_workspace(workspace))
        self._refreshing[workspace_id] = task
        task.add_done_callback(lambda _: self._refreshing.pop(workspace_id, None))
        task.add_done_callback(lambda _: self._changed.set())

    async def _embed_stale(self, workspace: StaleWorkspace) -> None:
        """Embed the stale rows. Rows that fail stay stale for the next worker."""
        jobs = await self.resources.database.run(workspace.jobs)
        owner = JobOwner(workspace.workspace_id)
        if not await self.resources.jobs.run(owner, jobs):
            await self.resources.database.run(workspace.clear)

    async def _refresh_workspace(self, workspace: StaleWorkspace) -> None:
        try:
            await self._embed_stale(workspace)
        except RunStopped:
            pass
        except database_steps.CONNECTION_ERRORS as error:
            self.stop(error)
        except Exception:
            logger.exception(
                "The vectors of workspace %d were not updated", workspace.workspace_id
            )

    async def _merge_duplicates(self) -> None:
        """Merge duplicates if ENTITY_RESOLUTION is set, and embed the changed rows."""
        merged = False
        for workspace_id in () if self._stopped else self._workspaces:
            step = partial(duplicates.apply_configured, workspace_id)
            try:
                merged = await self.database.run(step) or merged
            except database_steps.CONNECTION_ERRORS:
                raise
            except Exception:
                logger.exception(
                    "The duplicates of workspace %d were not merged", workspace_id
                )
        if merged:
            await self._check()

    async def _fail(self, document: Document, error: Exception) -> None:
        await self.database.run(
            partial(transitions.fail_with_error, document, error, "processing")
        )

    def _start(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return self._tasks.create_task(coroutine)


def _last(claimed: list[int], after: int) -> int:
    """Return the last workspace of a claim that began after the workspace `after`."""
    below = [workspace_id for workspace_id in claimed if workspace_id <= after]
    return max(below or claimed, default=0)
