"""What a crew does: jobs of some kinds, for owners that wait for the last of theirs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from documents.pipeline.log_context import subject
from retrieval.llm.calls import tracing
from retrieval.llm.errors import BadAnswer, RequestRefused
from retrieval.llm.usage import recorder
from retrieval.llm.usage.ledger import Paid
from retrieval.llm.usage.recorder import Call


class Lane(Enum):
    """What a job keeps busy: none of these waits for another.

    Summaries have a lane beside the chats that read passages, or what is all but done
    would wait for what has just begun.
    """

    READING = "reading"
    CHAT = "chat"
    SUMMARY = "summary"
    EMBEDDING = "embedding"


class Job(Protocol):
    """A model call, and how its results are stored: many of a kind in one go.

    `purpose` is what its cost is accounted as.
    """

    @property
    def purpose(self) -> str: ...

    @property
    def lane(self) -> Lane: ...

    async def run(self) -> Any:
        """Ask the model. Whatever it raises ends up with the owner, as the job's failure."""

    def store(self, done: Sequence[tuple[Any, Any]]) -> None:
        """Store (job, result) pairs of this job's own class, in one transaction."""


Then = Callable[[list[BaseException]], None]


@dataclass(slots=True)
class Owner:
    """Whom jobs are done for, and what comes after the last of them."""

    group: int
    then: Then
    about: str
    waiting: dict[Lane, deque[Job]]
    running: int = 0
    errors: list[BaseException] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Running:
    """A job under way, and what it has cost so far."""

    key: Hashable
    owner: Owner
    job: Job
    calls: list[Call]

    def paid(self) -> list[Paid]:
        """Its cost as the account has it."""
        document = self.key if isinstance(self.key, int) else None
        return [
            Paid(self.owner.group, self.job.purpose, call, document)
            for call in self.calls
        ]

    async def run(self) -> Any:
        """The job's result; what it cost is added to `calls`, however it ends.

        What is logged beneath names the document: a job is a task, with a context of its
        own.
        """
        owner = self.owner
        subject.set(owner.about)
        about: dict[str, str | int] = {"lightrag.workspace": owner.group}
        if owner.about:
            about["lightrag.document"] = owner.about
        with (
            recorder.collect_calls(owner.group, self.calls),
            tracing.span(step_of(self.job), about),
        ):
            return await self.job.run()


def by_lane(jobs: Iterable[Job]) -> dict[Lane, deque[Job]]:
    """The jobs of each lane, in order; no lane is empty."""
    found: dict[Lane, deque[Job]] = {}
    for job in jobs:
        found.setdefault(job.lane, deque()).append(job)
    return found


def step_of(job: Job) -> str:
    """What a job is called among the spans: `extract` for an ExtractJob."""
    return type(job).__name__.removesuffix("Job").lower()


def of_one_request(error: BaseException) -> bool:
    """Whether another request may fare better, the provider being well."""
    cause = getattr(error, "cause", error)
    return isinstance(cause, RequestRefused | BadAnswer)
