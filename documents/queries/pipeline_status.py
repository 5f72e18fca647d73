"""The state of a workspace's ingestion, read from its documents and events.

It is not kept in any process, so all processes return the same, also after a restart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import (
    BooleanField,
    Case,
    Count,
    F,
    Min,
    Q,
    QuerySet,
    Sum,
    When,
    Window,
)
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext

from documents.models import (
    UNFINISHED,
    Document,
    EventKind,
    PipelineEvent,
    Status,
    Workspace,
)
from documents.workspaces import activity, workers
from graph.models import ChunkExtraction
from retrieval.llm.limits import provider_states
from retrieval.llm.usage import ledger

HISTORY_LINES = 1000
"""Upper bound on the events in the history, LightRAG's (docs/lightrag.md C.9)."""
JOB_NAME_LENGTH = 20
"""Characters of a document's name in a job name, as in LightRAG."""
FINISHED = (Status.PROCESSED, Status.FAILED)


@dataclass(frozen=True, slots=True)
class Work:
    """The unfinished documents of a workspace.

    `since` is the time of the first upload. `chunks` counts the chunks of parsed
    documents, `extracted` those with a stored extraction, and `leased` the documents that
    a worker holds.
    """

    queued: int = 0
    running: int = 0
    leased: int = 0
    cancelled: bool = False
    since: datetime | None = None
    finished: int = 0
    chunks: int = 0
    extracted: int = 0
    first_name: str = ""

    @property
    def unfinished(self) -> int:
        """Number of documents that are queued or being processed."""
        return self.queued + self.running

    @property
    def documents(self) -> int:
        """Number of documents of the job, including the finished ones."""
        return self.unfinished + self.finished


def work(workspace: Workspace) -> Work:
    """Return the state of the unfinished documents. At most four queries, one if idle."""
    documents = unfinished(workspace)
    sums = documents.aggregate(
        queued=Count("status", filter=Q(status=Status.PENDING)),
        running=Count("status", filter=~Q(status=Status.PENDING)),
        leased=Count("status", filter=Q(lease_until__gt=Now())),
        cancelled=Count("status", filter=Q(cancelled=True)),
        since=Min(
            Case(
                When(status=Status.PENDING, then=F("updated_at")), default="created_at"
            )
        ),
        chunks=Coalesce(Sum("chunks_count"), 0),
    )
    if not sums["since"]:
        return Work()
    cancelled = bool(sums.pop("cancelled"))
    return Work(
        **sums,
        cancelled=cancelled,
        finished=finished_since(workspace, sums["since"]),
        extracted=extracted(documents),
        first_name=first_name(documents),
    )


@dataclass(frozen=True, slots=True)
class Job:
    """The last job; `documents` is their number."""

    name: str = "-"
    started: datetime | None = None
    documents: int = 0


def last_job(workspace: Workspace) -> Job:
    """Return the last deletion or, without one, the last upload (docs/lightrag.md C.9).

    A deletion is the last job if it is one of the last two events: a deletion that
    discards edits records a second event after its own. Runs at most two queries.
    """
    events = PipelineEvent.objects.filter(workspace=workspace).order_by("-id")[:2]
    for event in events:
        if event.kind == EventKind.DELETED:
            count = event.data["count"]
            return Job(f"Deleting {count} Documents", event.created_at, count)
    return last_upload(workspace)


def last_upload(workspace: Workspace) -> Job:
    """Describe the last upload or scan as LightRAG's job: name, start, number of documents."""
    documents = Document.objects.filter(workspace=workspace)
    newest = documents.order_by("-updated_at", "-id").values("track_id")[:1]
    uploaded = documents.filter(track_id=newest).order_by("created_at", "id")
    rows = uploaded.annotate(count=Window(Count("id")))
    first = rows.values_list("name", "created_at", "count").first()
    if first is None:
        return Job()
    name, since, count = first
    return Job(job_name(name, count), since, count)


def job_name(first_name: str, documents: int) -> str:
    """Return LightRAG's name of a job: its first document and the number of documents."""
    return f"{first_name[:JOB_NAME_LENGTH]}[{documents} files]"


def is_busy(workspace: Workspace) -> bool:
    """Return whether any document is unfinished; one short query."""
    return unfinished(workspace).exists()


def unfinished(workspace: Workspace) -> QuerySet[Document]:
    """Return a query of the documents that are queued or being processed."""
    return Document.objects.filter(workspace=workspace, status__in=UNFINISHED)


def finished_since(workspace: Workspace, since: datetime) -> int:
    """Return the number of documents that were processed or failed since then."""
    return Document.objects.filter(
        workspace=workspace, status__in=FINISHED, updated_at__gte=since
    ).count()


def extracted(documents: QuerySet[Document]) -> int:
    """Return the number of chunks of these documents with a stored extraction."""
    parsed = documents.filter(chunks_count__gt=0)
    return ChunkExtraction.objects.filter(chunk__document__in=parsed).count()


def first_name(documents: QuerySet[Document]) -> str:
    """Return the name of the oldest document, preferring those being processed."""
    is_queued = Case(
        When(status=Status.PENDING, then=True),
        default=False,
        output_field=BooleanField(),
    )
    names = documents.order_by(is_queued, "created_at", "id").values_list(
        "name", flat=True
    )
    return names.first() or ""


def waiting_reason() -> str:
    """Return why documents are not processed: no worker, the budget, or a provider."""
    if missing := workers.missing_message():
        return missing
    if ledger.budget_is_spent():
        return gettext(
            "LLM_DAILY_TOKEN_BUDGET is spent: no model is called until midnight UTC."
        )
    return "; ".join(state.wait_message for state in provider_states.paused())


def activities(workspace: Workspace) -> str:
    """Return what workers do, such as "OCR page 12 of 40 of 'scan.pdf'". One query."""
    running = unfinished(workspace).filter(status__in=activity.DURING.values())
    rows = list(running.order_by("created_at").values_list("pk", "name", "status"))
    names = {pk: name for pk, name, _ in rows}
    activities = activity.of_documents({pk: status for pk, _, status in rows})
    return "; ".join(f"{item} of '{names[pk]}'" for pk, item in activities.items())


def recent_events(workspace: Workspace) -> list[PipelineEvent]:
    """Return the last HISTORY_LINES events and one more, oldest first; one query."""
    rows = PipelineEvent.objects.filter(workspace=workspace).order_by("-id")
    fields = rows.only("workspace_id", "kind", "data", "message", "created_at")
    return list(fields[: HISTORY_LINES + 1])[::-1]


def messages(events: Sequence[PipelineEvent]) -> list[str]:
    """Return the messages of `recent_events`; the first line says if there are more."""
    lines = [event.message for event in events]
    if len(lines) > HISTORY_LINES:
        lines[0] = f"[… older lines omitted, showing the last {HISTORY_LINES}]"
    return lines


def history(workspace: Workspace) -> list[str]:
    """Return the messages of the last HISTORY_LINES events, oldest first; one query."""
    return messages(recent_events(workspace))
