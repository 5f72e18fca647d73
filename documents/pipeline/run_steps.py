"""The database steps of a run: lease documents, prepare their calls, observe changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction

from documents.errors import MissingFile
from documents.models import Document, Status, Workspace
from documents.pipeline import leases, transitions
from documents.pipeline.jobs import Job
from documents.pipeline.steps import (
    chunk_rows,
    describe,
    embed,
    embed_graph,
    extract,
    parse,
)
from documents.pipeline.steps.describe import PendingFigure
from documents.pipeline.steps.embed_graph import StaleWorkspace
from documents.pipeline.steps.parse import ParseJob
from documents.workspaces import locks, lookup
from retrieval.llm.usage import ledger


@dataclass(frozen=True, slots=True)
class Observation:
    """Changes by users and other processes that a run must react to."""

    unwanted: frozenset[int]
    budget_spent: bool
    stale: tuple[StaleWorkspace, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A parsed document, and the model calls that it needs."""

    document: Document
    jobs: tuple[Job, ...]
    figures: tuple[PendingFigure, ...] = ()
    """The figures to describe. When they are, `prepare` adds their chunks."""


def lease(
    lease_owner: str,
    share: int,
    leased_counts: dict[int, int],
    *,
    only: int | None,
    after: int = 0,
    room: int = leases.MAX_CLAIMED,
) -> list[tuple[Document, ParseJob | None]]:
    """Lease documents and set their status; return each with its parse job.

    A document whose chunks are stored has no parse job.
    """
    documents = leases.claim(
        lease_owner, share, leased_counts, only=only, after=after, room=room
    )
    jobs = {job.document.pk: job for job in parse.jobs(documents)}
    return [(document, jobs.get(document.pk)) for document in documents]


def observe(
    lease_owner: str, document_ids: list[int], *, only: int | None
) -> Observation:
    """Read the changes that a run with these documents must react to."""
    return Observation(
        frozenset(document_ids) - leases.still_leased(lease_owner, document_ids),
        ledger.budget_is_spent(),
        tuple(embed_graph.stale_workspaces(only)),
    )


def notify_if_work_is_left(notify_others: Callable[[], None]) -> None:
    """Notify another worker, off the event loop: an unreachable broker blocks."""
    if leases.has_work():
        notify_others()


def prepare(document_ids: list[int]) -> list[Prepared | None]:
    """Return the model calls that each document needs; None if it was deleted.

    Figures that are described, as by an earlier worker, get their chunks.
    """
    documents = parse.parsed(document_ids)
    figures: dict[int, list[PendingFigure]] = defaultdict(list)
    for figure in describe.pending(documents):
        figures[figure.document_id].append(figure)
    add_figure_chunks([d for d in documents if d.pk not in figures])
    chunks = chunk_rows.pending([document.pk for document in documents])
    by_workspace: dict[int, list[Document]] = defaultdict(list)
    for document in documents:
        by_workspace[document.workspace_id].append(document)
    prepared: dict[int, Prepared] = {}
    for workspace_id, members in by_workspace.items():
        model = lookup.embedding_model(workspace_id)
        extractions = extract.jobs(
            workspace_id,
            [chunk for d in members if wants_graph(d) for chunk in chunks[d.pk]],
        )
        transitions.make_embedded_findable(
            workspace_id,
            [d.pk for d in members if not any(c.unembedded for c in chunks[d.pk])],
        )
        for document in members:
            vectors = embed.jobs(workspace_id, chunks[document.pk], model)
            jobs = (*vectors, *extractions.get(document.pk, ()))
            pending = tuple(figures[document.pk])
            prepared[document.pk] = Prepared(document, jobs, pending)
    return [prepared.get(document_id) for document_id in document_ids]


def add_figure_chunks(documents: Sequence[Document]) -> None:
    """Add the chunks of described figures; the documents get the new number of chunks."""
    waiting = chunk_rows.without_chunk(documents)
    by_id = {document.pk: document for document in documents if document.pk in waiting}
    if not by_id:
        return
    with transaction.atomic():
        locks.share_lock(*{document.workspace_id for document in by_id.values()})
        leased = Document.objects.filter(
            pk__in=by_id, status=Status.PROCESSING, cancelled=False
        )
        chunk_rows.add_chunks([by_id[pk] for pk in locks.lock_documents(leased)])


def fail_to_parse(document: Document, error: Exception) -> None:
    """Mark a document failed, unless its file was moved while it was parsed.

    Renaming a workspace moves its files; such a document is released and stays queued.
    """
    stored = Document.objects.filter(pk=document.pk, source_path=document.source_path)
    if not isinstance(error, MissingFile) or stored.exists():
        transitions.fail_with_error(document, error, "parsing")
    else:
        leases.release(document)


def workspace_exists(document: Document) -> bool:
    return Workspace.objects.filter(pk=document.workspace_id).exists()


def wants_graph(document: Document) -> bool:
    """Return False for LightRAG's process option `!` (docs/lightrag.md C.5)."""
    return "!" not in document.metadata.get("process_options", "")
