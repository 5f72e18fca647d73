"""THE WRITE PATH: read -> extract and embed -> merge -> summarise -> embed -> processed.

One call of `work` carries many documents through these steps at once. Everything that
was reached stands in the database, so a worker that dies costs nothing but time: its
leases run out and the next one goes on where it stopped.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from django.conf import settings
from django.db import DataError, IntegrityError, InternalError, ProgrammingError

from documents import (
    archiving,
    budget,
    claims,
    embedding,
    extracting,
    freshening,
    merging,
    outages,
    outcomes,
    reading,
    todo,
    workspaces,
)
from documents.crew import Crew
from documents.errors import MissingFile
from documents.extracting import ChunkFailed
from documents.freshening import Stale
from documents.in_hand import InHand
from documents.jobs import Job, Lane, Then
from documents.merging import Merged, SummaryJob
from documents.models import Document, chunk_public_id
from documents.ready import MERGE_AFTER_SECONDS, Ready
from graph import resolution
from graph.merge import Touched

READERS = 4
LOOK_AROUND_SECONDS = 1.0
SALVAGE_SECONDS = 60.0
"""How long answers that are under way are waited for when the database went away."""


def work(only: int | None = None, call_help: Callable[[], None] | None = None) -> int:
    """Ingest what waits in all workspaces; returns the number of documents handled.

    `only`: in this workspace alone. It ends when there is nothing left that no other
    worker has in hand. `call_help` is called where more was found than is begun at once.
    """
    while True:
        with claims.owner() as owner:
            ingestion = Ingestion(owner, only, call_help)
            try:
                return ingestion.run()
            except IntegrityError:
                if not ingestion.in_hand.has_lost_a_workspace():
                    raise


class Ingestion:
    """The documents that one worker has in hand, and how far each has come."""

    def __init__(
        self,
        owner: str,
        only: int | None = None,
        call_help: Callable[[], None] | None = None,
    ) -> None:
        self.owner = owner
        self.only = only
        self.call_help = call_help
        self.in_hand = InHand(owner, only)
        self.unasked: list[int] = []
        self.ready = Ready()
        self.looked = 0.0
        self.may_spend = True
        self.crew = Crew(at_once())

    def run(self) -> int:
        try:
            self.look_around()
            while self.admit() or self.in_hand.documents or self.crew.busy:
                self.crew.step(timeout=MERGE_AFTER_SECONDS)
                if self.unasked:
                    self.ask_models()
                self.merge_ready()
                self.look_around()
            self.resolve()
        except outages.LOST:
            self.crew.salvage(SALVAGE_SECONDS)
            raise
        finally:
            self.crew.disband()
        return self.in_hand.handled

    def look_around(self) -> None:
        """Now and then, see what people and other processes did meanwhile."""
        if time.monotonic() - self.looked < LOOK_AROUND_SECONDS:
            return
        self.looked = time.monotonic()
        self.freshen()
        self.may_spend = not budget.is_spent()
        unwanted = self.in_hand.unwanted() if self.may_spend else self.in_hand.documents
        for document_id in list(unwanted):
            self.forget(document_id)

    def freshen(self) -> None:
        """Embed what deletes and edits have changed since it was embedded."""
        for stale in freshening.stale(self.only):
            key = ("stale", stale.workspace_id)
            if key not in self.crew.owners:
                then = partial(freshened, stale)
                self.crew.start(stale.workspace_id, key, stale.jobs(), then)

    def resolve(self) -> None:
        """Make one of entities that are surely one, where that is wanted."""
        merged = list(map(resolution.settle, self.in_hand.worked_in))
        if any(merged):
            self.freshen()
            while self.crew.busy:
                self.crew.step(timeout=MERGE_AFTER_SECONDS)

    def admit(self) -> int:
        """Take on more documents while there is room; returns how many."""
        if not self.may_spend:
            return 0
        claimed = self.in_hand.take(self.crew)
        jobs = {job.document.pk: [job] for job in reading.jobs(claimed)}
        for document in claimed:
            then = partial(self.read, document.pk)
            self.start(document, jobs.get(document.pk, []), then)
        if claimed and self.call_help:
            self.share_out(self.call_help)
        return len(claimed)

    def share_out(self, call_help: Callable[[], None]) -> None:
        """Once: where much waits, each process that comes calls the next."""
        self.call_help = None
        if claims.workspaces_with_work():
            call_help()

    def start(self, document: Document, jobs: Sequence[Job], then: Then) -> None:
        group, key, about = document.workspace_id, document.pk, document.public_id
        self.crew.start(group, key, jobs, then, about)

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
        path = self.in_hand.documents[document_id].source_path
        here = Document.objects.filter(pk=document_id, source_path=path)
        return isinstance(error, MissingFile) and not here.exists()

    def ask_models(self) -> None:
        """Have the chunks of the documents just read extracted and embedded."""
        unasked, self.unasked = self.unasked, []
        documents = reading.readable(unasked)
        for document_id in set(unasked) - {document.pk for document in documents}:
            self.forget(document_id)
        chunks = todo.chunks([document.pk for document in documents])
        for workspace_id, some in by_workspace(documents):
            wanted = [c for d in some if wants_graph(d) for c in chunks[d.pk]]
            extract = extracting.jobs(workspace_id, wanted)
            model = workspaces.embedding_model(workspace_id)
            for document in some:
                self.in_hand.documents[document.pk] = document
                embed = embedding.jobs(chunks[document.pk], model)
                jobs: list[Job] = [*embed, *extract.get(document.pk, [])]
                self.start(document, jobs, partial(self.asked, document.pk))

    def asked(self, document_id: int, errors: Sequence[BaseException]) -> None:
        """All chunks of a document have been tried."""
        if errors:
            self.fail(document_id, errors[0])
            return
        self.in_hand.asked_about.discard(document_id)
        self.ready.add(document_id)

    def merge_ready(self) -> None:
        """Merge the documents that wait for it, many in one transaction."""
        ready = self.in_hand.of(self.ready.take(idle=not self.crew.busy))
        for workspace_id, some in by_workspace(ready):
            self.merge(workspace_id, [document.pk for document in some])

    def merge(self, workspace_id: int, document_ids: Sequence[int]) -> None:
        try:
            merged = merging.merge_documents(workspace_id, self.owner, document_ids)
        except (DataError, IntegrityError, InternalError, ProgrammingError) as error:
            self.isolate(workspace_id, document_ids, error)
            return
        for gone in set(document_ids) - {d.pk for d in merged.documents}:
            self.forget(gone)
        self.summarise(merged, merged.touched)

    def isolate(
        self, workspace_id: int, document_ids: Sequence[int], error: Exception
    ) -> None:
        """One document's data must not keep the others from being merged."""
        if len(document_ids) == 1:
            self.fail(document_ids[0], error)
            return
        for document_id in document_ids:
            self.merge(workspace_id, [document_id])

    def summarise(self, merged: Merged, touched: Touched) -> None:
        workspace_id = merged.workspace_id
        jobs = merging.summary_jobs(workspace_id, self.owner, touched)
        if jobs:
            key, then = (
                ("summaries", id(merged)),
                partial(self.summarised, merged, jobs),
            )
            self.crew.start(workspace_id, key, jobs, then)
        else:
            self.embed(merged)

    def summarised(
        self,
        merged: Merged,
        jobs: Sequence[SummaryJob],
        errors: Sequence[BaseException],
    ) -> None:
        """A summary that failed leaves the joined description in its place; one that
        came may be due again by what was merged meanwhile."""
        touched = merging.release_summaries(merged.workspace_id, self.owner, jobs)
        if errors:
            self.embed(merged)
        else:
            self.summarise(merged, touched)

    def embed(self, merged: Merged) -> None:
        jobs = merging.vector_jobs(merged.workspace_id, merged.touched)
        key = ("vectors", id(merged))
        self.crew.start(merged.workspace_id, key, jobs, partial(self.embedded, merged))

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
        document = self.in_hand.documents.get(document_id)
        if document is not None:
            outcomes.fail(
                document,
                message_of(document, error),
                error_type=type(getattr(error, "cause", error)).__name__,
                error_stage=stage,
            )
            self.forget(document_id)

    def forget(self, document_id: int) -> None:
        self.in_hand.forget(document_id)
        self.crew.drop(document_id)


def by_workspace(
    documents: Sequence[Document],
) -> Iterator[tuple[int, list[Document]]]:
    """The documents of each workspace, in order."""
    found: dict[int, list[Document]] = defaultdict(list)
    for document in documents:
        found[document.workspace_id].append(document)
    yield from found.items()


def wants_graph(document: Document) -> bool:
    """Upstream's process option `!` keeps a document out of the graph (UPSTREAM c.5)."""
    return "!" not in document.metadata.get("process_options", "")


def at_once() -> dict[Lane, int]:
    """Enough of each kind under way to keep the models' own limits busy."""
    config = settings.LIGHTRAG
    return {
        Lane.READING: READERS,
        Lane.CHAT: 2 * config.extract_llm.max_async,
        Lane.SUMMARY: config.extract_llm.max_async,
        Lane.EMBEDDING: 2 * config.embedding.max_async,
    }


def message_of(document: Document, error: BaseException) -> str:
    """Upstream's form for a chunk's failure: `C[2/7]: doc-…-chunk-001: why`."""
    if not isinstance(error, ChunkFailed):
        return str(error) or type(error).__name__
    name = chunk_public_id(document.public_id, error.order)
    count = document.chunks_count
    return f"C[{error.order + 1}/{count}]: {name}: {error.cause}"


def freshened(stale: Stale, errors: Sequence[BaseException]) -> None:
    """What could not be embedded stays stale, and is tried again by the next worker."""
    if not errors:
        stale.is_done()
