"""Jobs: a model call each, and how its result is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from documents.pipeline.log_context import document_id
from retrieval.llm.calls import tracing
from retrieval.llm.errors import BadAnswer, RequestRefused
from retrieval.llm.usage import ledger
from retrieval.llm.usage.ledger import Call, LedgerEntry


class Lane(Enum):
    """The resource that a job occupies. Each lane has a limit of its own.

    Summaries have a lane beside the chats that extract, so that documents which are
    almost finished do not wait for those that have just begun.
    """

    PARSING = "parsing"
    DOCLING = "docling"
    MINERU = "mineru"
    CHAT = "chat"
    VISION = "vision"
    SUMMARY = "summary"
    EMBEDDING = "embedding"


class Job(Protocol):
    """A model call. Results of the same class and workspace are stored together.

    The cost is recorded under `purpose`, an `LLMCall.Purpose`.
    """

    @property
    def purpose(self) -> str: ...

    @property
    def lane(self) -> Lane: ...

    async def run(self) -> Any:
        """Call the model. If it raises an exception, the job has failed."""

    def store(self, done: Sequence[tuple[Any, Any]]) -> None:
        """Store (job, result) pairs of this job's class in one transaction.

        It is repeated if the database is unavailable, so it must be idempotent.
        """


@dataclass(frozen=True, slots=True)
class JobOwner:
    """The document that jobs are run for, or the workspace as a whole."""

    workspace_id: int
    document_id: int | None = None
    public_id: str = ""
    """The document's, for logs and spans."""

    def costs(self, job: Job, calls: Iterable[Call]) -> list[LedgerEntry]:
        """Return the ledger entries of a job's calls."""
        return [
            LedgerEntry(self.workspace_id, job.purpose, call, self.document_id)
            for call in calls
        ]


async def run_traced(job: Job, owner: JobOwner, calls: list[Call]) -> Any:
    """Run a job; add its calls to `calls`, and name the owner in logs and spans."""
    document_id.set(owner.public_id)
    attributes: dict[str, str | int] = {"lightrag.workspace": owner.workspace_id}
    if owner.public_id:
        attributes["lightrag.document"] = owner.public_id
    with (
        ledger.collect_calls(owner.workspace_id, calls),
        tracing.span(span_name(job), attributes),
    ):
        return await job.run()


def by_lane(jobs: Iterable[Job]) -> dict[Lane, list[Job]]:
    """Return the jobs of each lane, in order; no lane is empty."""
    lanes: dict[Lane, list[Job]] = {}
    for job in jobs:
        lanes.setdefault(job.lane, []).append(job)
    return lanes


def span_name(job: Job) -> str:
    """Return the name of a job's span: `extract` for an ExtractJob."""
    return type(job).__name__.removesuffix("Job").lower()


def concerns_one_request(error: BaseException) -> bool:
    """Return whether the error concerns this request only: other requests may succeed."""
    cause = getattr(error, "cause", error)
    return isinstance(cause, RequestRefused | BadAnswer)
