"""Summarize merged descriptions that have become long, each by one model call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from django.db import transaction

from documents.pipeline import chunk_retry, leases
from documents.pipeline.jobs import Lane
from documents.workspaces import locks
from graph.merging import summaries, summary_queue
from graph.merging.summary_queue import DueSummary
from retrieval.index.search_rows import Touched
from retrieval.llm.base import ChatModel
from retrieval.llm.registry import configured_models
from retrieval.llm.usage.models import LLMCall


@dataclass(frozen=True, slots=True)
class SummaryJob:
    """One merged description to summarize."""

    purpose: ClassVar = LLMCall.Purpose.SUMMARY
    lane: ClassVar = Lane.SUMMARY
    workspace_id: int
    due: DueSummary
    chat: ChatModel

    async def run(self) -> str:
        """Return the summary."""
        due, limits = self.due, summaries.limits()
        call = partial(
            summaries.summarize, self.chat, due.name, due.descriptions, limits
        )
        return await chunk_retry.retry_within_budget(call)

    def store(self, done: Sequence[tuple[SummaryJob, str]]) -> None:
        """Store the summaries in one transaction."""
        with transaction.atomic():
            locks.lock_and_invalidate(self.workspace_id)
            summary_queue.store([(job.due, summary) for job, summary in done])


def claim_jobs(workspace_id: int, owner: str, touched: Touched) -> list[SummaryJob]:
    """Claim the descriptions that are due and that no live owner has claimed.

    Return a job for each; none if no model is configured. `release` ends the claims.
    """
    chat = configured_models.extract_chat()
    if chat is None or touched == Touched():
        return []
    with transaction.atomic():
        locks.lock_workspace(workspace_id)
        due = summary_queue.claim(touched, owner, leases.live_owners())
    return [SummaryJob(workspace_id, description, chat) for description in due]


def release(workspace_id: int, owner: str, touched: Touched) -> None:
    """Release the owner's claims, so that other workers may summarize these rows."""
    with transaction.atomic():
        locks.lock_workspace(workspace_id)
        summary_queue.release(owner, touched)


def rows_of(jobs: Sequence[SummaryJob]) -> Touched:
    """Return the entities and relations that the jobs summarize."""
    return Touched(
        tuple(job.due.id for job in jobs if job.due.kind == "entity"),
        tuple(job.due.id for job in jobs if job.due.kind == "relation"),
    )
