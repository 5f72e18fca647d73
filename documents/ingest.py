"""THE WRITE PATH: read -> extract and embed -> merge -> summarise -> embed -> processed.

One call of `work` carries many documents through these steps at once. Everything that
was reached stands in the database, so a worker that dies costs nothing but time: its
leases run out and the next one goes on where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from django.conf import settings
from django.db import DataError, IntegrityError, InternalError, ProgrammingError

from documents import (
    archiving,
    budget,
    claims,
    embedding,
    extracting,
    merging,
    outages,
    outcomes,
    reading,
    todo,
    workspaces,
)
from documents.crew import Crew, Job
from documents.errors import MissingFile
from documents.extracting import ChunkFailed
from documents.merging import Merged
from documents.models import Document, Workspace, chunk_public_id

DOCUMENTS_IN_HAND = 64
CLAIM_AT_ONCE = 32
MERGE_AT = 16
MERGE_AFTER_SECONDS = 0.25
LOOK_AGAIN_SECONDS = 1.0
SALVAGE_SECONDS = 60.0
"""How long answers that are under way are waited for when the database went away."""


def work(workspace_id: int) -> int:
    """Ingest what waits in this workspace; returns the number of documents handled.

    It ends when there is nothing left that no other worker has in hand.
    """
    with claims.owner() as owner:
        try:
            return Ingestion(workspace_id, owner).run()
        except IntegrityError:
            if Workspace.objects.filter(pk=workspace_id).exists():
                raise
            return 0  # it was deleted in mid-work


class Ingestion:
    """The documents that one worker has in hand, and how far each has come."""

    def __init__(self, workspace_id: int, owner: str) -> None:
        self.workspace_id = workspace_id
        self.owner = owner
        self.in_hand: dict[int, Document] = {}
        self.unasked: list[int] = []
        self.ready: list[int] = []
        self.ready_since = 0.0
        self.looked = 0.0
        self.handled = 0
        self.crew = Crew(limit=calls_at_once())

    def run(self) -> int:
        try:
            self.freshen()
            while self.admit() or self.in_hand or self.crew.busy:
                self.crew.step(timeout=MERGE_AFTER_SECONDS)
                if self.unasked:
                    self.ask_models()
                self.merge_ready()
                self.let_go_of_cancelled()
        except outages.LOST:
            self.crew.salvage(SALVAGE_SECONDS)
            raise
        finally:
            self.crew.disband()
        return self.handled

    def freshen(self) -> None:
        """Embed what deletes and edits have changed since it was embedded."""
        jobs = merging.vector_jobs(self.workspace_id, None)
        self.crew.start("stale", jobs, then=ignore_errors)

    def admit(self) -> int:
        """Take on more documents while there is room; returns how many."""
        room = min(DOCUMENTS_IN_HAND - len(self.in_hand), CLAIM_AT_ONCE)
        if room <= 0 or self.crew.waiting > self.crew.limit or budget.is_spent():
            return 0
        claimed = claims.claim(self.workspace_id, self.owner, room)
        self.in_hand |= {document.pk: document for document in claimed}
        self.handled += len(claimed)
        jobs = {job.document.pk: [job] for job in reading.jobs(claimed)}
        for document in claimed:
            self.crew.start(
                document.pk,
                jobs.get(document.pk, []),
                then=partial(self.read, document.pk),
            )
        return len(claimed)

    def read(self, document_id: int, errors: Sequence[BaseException]) -> None:
        """A document's chunks are stored, or it cannot be read."""
        if errors and self.has_moved(document_id, errors[0]):
            self.forget(document_id)
        elif errors:
            self.fail(document_id, errors[0], stage="parsing")
        else:
            self.unasked.append(document_id)

    def has_moved(self, document_id: int, error: BaseException) -> bool:
        """Whether its file is elsewhere since its workspace was renamed: it waits anew."""
        path = self.in_hand[document_id].source_path
        here = Document.objects.filter(pk=document_id, source_path=path)
        return isinstance(error, MissingFile) and not here.exists()

    def ask_models(self) -> None:
        """Have the chunks of the documents just read extracted and embedded."""
        unasked, self.unasked = self.unasked, []
        documents = reading.readable(unasked)
        for document_id in set(unasked) - {document.pk for document in documents}:
            self.forget(document_id)
        chunks = todo.chunks([document.pk for document in documents])
        model = workspaces.embedding_model(self.workspace_id)
        extract = extracting.jobs(
            self.workspace_id,
            [c for d in documents if wants_graph(d) for c in chunks[d.pk]],
        )
        for document in documents:
            self.in_hand[document.pk] = document
            jobs: list[Job] = [
                *embedding.jobs(chunks[document.pk], model),
                *extract.get(document.pk, []),
            ]
            self.crew.start(document.pk, jobs, then=partial(self.asked, document.pk))

    def asked(self, document_id: int, errors: Sequence[BaseException]) -> None:
        """All chunks of a document have been tried."""
        if errors:
            self.fail(document_id, errors[0])
            return
        if not self.ready:
            self.ready_since = time.monotonic()
        self.ready.append(document_id)

    def merge_ready(self) -> None:
        """Merge the documents that wait for it, many in one transaction."""
        waited = time.monotonic() - self.ready_since
        if self.ready and (
            len(self.ready) >= MERGE_AT
            or waited > MERGE_AFTER_SECONDS
            or not self.crew.busy
        ):
            ready, self.ready = self.ready, []
            self.merge(ready)

    def merge(self, document_ids: Sequence[int]) -> None:
        try:
            merged = merging.merge_documents(
                self.workspace_id, self.owner, document_ids
            )
        except (DataError, IntegrityError, InternalError, ProgrammingError) as error:
            self.isolate(document_ids, error)
            return
        for gone in set(document_ids) - {d.pk for d in merged.documents}:
            self.forget(gone)
        jobs = merging.summary_jobs(self.workspace_id, merged.touched)
        key = ("summaries", document_ids[0])
        self.crew.start(key, jobs, then=partial(self.summarised, merged))

    def isolate(self, document_ids: Sequence[int], error: Exception) -> None:
        """One document's data must not keep the others from being merged."""
        if len(document_ids) == 1:
            self.fail(document_ids[0], error)
            return
        for document_id in document_ids:
            self.merge([document_id])

    def summarised(self, merged: Merged, errors: Sequence[BaseException]) -> None:
        """A summary that failed leaves the joined description in its place."""
        jobs = merging.vector_jobs(self.workspace_id, merged.touched)
        key = ("vectors", id(merged))
        self.crew.start(key, jobs, then=partial(self.embedded, merged))

    def embedded(self, merged: Merged, errors: Sequence[BaseException]) -> None:
        if errors:
            for document in merged.documents:
                self.fail(document.pk, errors[0])
            return
        merging.finish(self.owner, merged)
        archiving.archive(merged.documents)
        for document in merged.documents:
            self.forget(document.pk)

    def fail(
        self, document_id: int, error: BaseException, stage: str = "processing"
    ) -> None:
        document = self.in_hand[document_id]
        outcomes.fail(
            document,
            message_of(document, error),
            error_type=type(getattr(error, "cause", error)).__name__,
            error_stage=stage,
        )
        self.forget(document_id)

    def forget(self, document_id: int) -> None:
        self.in_hand.pop(document_id, None)
        self.crew.drop(document_id)

    def let_go_of_cancelled(self) -> None:
        """Now and then, drop the documents that a person cancelled or deleted."""
        if time.monotonic() - self.looked < LOOK_AGAIN_SECONDS:
            return
        self.looked = time.monotonic()
        wanted = claims.still_wanted(self.owner, list(self.in_hand))
        for document_id in set(self.in_hand) - wanted:
            self.forget(document_id)


def wants_graph(document: Document) -> bool:
    """Upstream's process option `!` keeps a document out of the graph (UPSTREAM c.5)."""
    return "!" not in document.metadata.get("process_options", "")


def calls_at_once() -> int:
    """Enough in flight to keep the models' own limits busy."""
    config = settings.LIGHTRAG
    return 2 * (config.extract_llm.max_async + config.embedding.max_async)


def message_of(document: Document, error: BaseException) -> str:
    """Upstream's form for a chunk's failure: `C[2/7]: doc-…-chunk-001: why`."""
    if not isinstance(error, ChunkFailed):
        return str(error) or type(error).__name__
    name = chunk_public_id(document.public_id, error.order)
    count = document.chunks_count
    return f"C[{error.order + 1}/{count}]: {name}: {error.cause}"


def ignore_errors(errors: Sequence[BaseException]) -> None:
    """What could not be embedded stays stale, and is tried again next time."""
