"""THE WRITE PATH: read -> extract and embed -> merge -> summarise -> embed -> processed.
(From the merge on it is told in `finishing`.)

One call of `work` carries many documents through these steps at once. Everything that
was reached stands in the database, so a worker that dies costs nothing but time: its
leases run out and the next one goes on where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from django.conf import settings
from django.db import IntegrityError

from documents.errors import MissingFile
from documents.models import Document
from documents.pipeline import db_retry, leases, pending_chunks, stale_vectors
from documents.pipeline.job_executor import Crew
from documents.pipeline.jobs import Job, Lane, Then
from documents.pipeline.leased_documents import InHand, by_workspace
from documents.pipeline.merge_stage import Finishing
from documents.pipeline.stale_vectors import Stale
from documents.pipeline.steps import embed as steps_embed
from documents.pipeline.steps import extract as steps_extract
from documents.pipeline.steps import parse
from documents.workspaces import lookup
from graph.curation import duplicates
from retrieval.llm.usage import daily_budget

READERS = 4
STEP_SECONDS = 0.25
LOOK_AROUND_SECONDS = 1.0
SALVAGE_SECONDS = 60.0
"""How long answers that are under way are waited for when the database went away."""


def work(only: int | None = None, call_help: Callable[[], None] | None = None) -> int:
    """Ingest what waits in all workspaces; returns the number of documents handled.

    `only`: in this workspace alone. It ends when there is nothing left that no other
    worker has in hand. `call_help` is called where more was found than is begun at once.
    """
    while True:
        with leases.owner() as owner:
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
        self.only = only
        self.call_help = call_help
        self.unasked: list[int] = []
        self.looked = 0.0
        self.may_spend = True
        self.crew = Crew(at_once())
        self.in_hand = InHand(owner, only, self.crew)
        self.finishing = Finishing(self.in_hand)

    def run(self) -> int:
        try:
            self.look_around()
            while self.admit() or self.in_hand.documents or self.crew.busy:
                self.crew.step(timeout=STEP_SECONDS)
                if self.unasked:
                    self.ask_models()
                self.finishing.merge_ready()
                self.look_around()
            self.resolve()
        except db_retry.LOST:
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
        if self.in_hand.handled:
            self.share_out()
        self.freshen()
        self.may_spend = not daily_budget.is_spent()
        unwanted = self.in_hand.unwanted() if self.may_spend else self.in_hand.documents
        for document_id in list(unwanted):
            self.in_hand.forget(document_id)

    def freshen(self) -> None:
        """Embed what deletes and edits have changed since it was embedded."""
        for stale in stale_vectors.stale(self.only):
            key = ("stale", stale.workspace_id)
            if key not in self.crew.owners:
                then = partial(freshened, stale)
                self.crew.start(stale.workspace_id, key, stale.jobs(), then)

    def resolve(self) -> None:
        """Make one of entities that are surely one, where that is wanted."""
        merged = list(map(duplicates.settle, self.in_hand.worked_in))
        if any(merged):
            self.freshen()
            while self.crew.busy:
                self.crew.step(timeout=STEP_SECONDS)

    def admit(self) -> int:
        """Take on more documents while there is room; returns how many."""
        if not self.may_spend:
            return 0
        claimed = self.in_hand.take()
        jobs = {job.document.pk: [job] for job in parse.jobs(claimed)}
        for document in claimed:
            then = partial(self.read, document.pk)
            self.start(document, jobs.get(document.pk, []), then)
        return len(claimed)

    def share_out(self) -> None:
        """Once: where much waits, each process that comes calls the next.

        Its own first calls go out before, unless reading takes long.
        """
        call_help, self.call_help = self.call_help, None
        if call_help and leases.workspaces_with_work():
            call_help()

    def start(self, document: Document, jobs: Sequence[Job], then: Then) -> None:
        group, key, about = document.workspace_id, document.pk, document.public_id
        self.crew.start(group, key, jobs, then, about)

    def read(self, document_id: int, errors: Sequence[BaseException]) -> None:
        """A document's chunks are stored, or it cannot be read."""
        if errors and self.has_moved(document_id, errors[0]):
            self.in_hand.forget(document_id)
        elif errors:
            self.in_hand.fail(document_id, errors[0], stage="parsing")
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
        documents = parse.readable(unasked)
        for document_id in set(unasked) - {document.pk for document in documents}:
            self.in_hand.forget(document_id)
        chunks = pending_chunks.chunks([document.pk for document in documents])
        for workspace_id, some in by_workspace(documents):
            wanted = [c for d in some if wants_graph(d) for c in chunks[d.pk]]
            extract = steps_extract.jobs(workspace_id, wanted)
            model = lookup.embedding_model(workspace_id)
            for document in some:
                self.in_hand.documents[document.pk] = document
                embed = steps_embed.jobs(workspace_id, chunks[document.pk], model)
                jobs: list[Job] = [*embed, *extract.get(document.pk, [])]
                self.start(document, jobs, partial(self.asked, document.pk))
        self.share_out()

    def asked(self, document_id: int, errors: Sequence[BaseException]) -> None:
        """All chunks of a document have been tried."""
        if errors:
            self.in_hand.fail(document_id, errors[0])
        else:
            self.in_hand.asked_about.discard(document_id)
            self.finishing.ready.add(document_id)


def wants_graph(document: Document) -> bool:
    """Upstream's process option `!` keeps a document out of the graph (docs/lightrag.md C.5)."""
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


def freshened(stale: Stale, errors: Sequence[BaseException]) -> None:
    """What could not be embedded stays stale, and is tried again by the next worker."""
    if not errors:
        stale.is_done()
