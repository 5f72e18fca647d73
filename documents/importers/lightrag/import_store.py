"""A LightRAG store -> a workspace, without asking a chat model anything.

What the store knows is put where our own ingestion would have put it: extractions by
chunk and staged vectors. The steps of the write path then do the rest, so what was
imported can be edited, deleted and added to like anything else. The documents are
leased as a worker's are: an import that was cut off is run again, or a worker ends it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from documents.importers.lightrag import (
    attribution,
    document_rows,
    embedding_model_check,
    graph_vectors,
    merged_fields,
)
from documents.importers.lightrag import chunk_vectors as vectors_of
from documents.importers.lightrag.attribution import Attribution
from documents.importers.lightrag.store import (
    Store,
    StoredChunk,
    StoredDocument,
    Vector,
)
from documents.models import Chunk, Document, DocumentContent, Status, Workspace
from documents.parsing import text_cleaning
from documents.pipeline import leases
from documents.pipeline.steps import merge
from documents.pipeline.steps.merge import Merged
from documents.workspaces import audit, locks
from documents.workspaces.audit import Action
from graph.models import ChunkExtraction

DOCUMENTS_AT_ONCE = 50
ROWS_AT_ONCE = 1000

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how far it has come, and how far it has to go."""


@dataclass(slots=True)
class ImportReport:
    """What an import did, counted as it went."""

    imported: int = 0
    unfinished: int = 0
    """Imported as failed, to be retried: the store had not finished them."""
    known: int = 0
    skipped: int = 0
    """Without a text: LightRAG's notes on duplicates and broken files."""
    chunks: int = 0
    vectors_reused: int = 0
    vectors_made: int = 0


@dataclass(frozen=True, slots=True)
class Import:
    """One store on its way into one workspace."""

    store: Store
    workspace: Workspace
    owner: str
    progress: Progress
    report: ImportReport = field(default_factory=ImportReport)

    def run(self) -> ImportReport:
        """Everything it brought can be found when it returns.

        Raises NotAStore, and the embedder's errors of `retrieval.llm.errors`.
        """
        found = self.store.documents()
        known = document_rows.known_ids(self.workspace, found)
        new = [document for document in found if document.public_id not in known]
        self.report.known = len(found) - len(new)
        document_rows.take_over(self.workspace, found, self.owner)
        said = attribution.attribute(self.store, self.store.chunk_order())
        vectors = self.usable_vectors(found)
        self.write(new, said, vectors)
        merged = self.merge(said)
        if vectors:
            self.report.vectors_reused += graph_vectors.reuse(
                self.store, self.workspace
            )
        self.report.vectors_made += vectors_of.run(
            self.workspace, merged, lambda *at: self.progress("Embedding", *at)
        )
        for some in merged:
            merge.finish(self.owner, some)
        return self.report

    def usable_vectors(self, found: Sequence[StoredDocument]) -> dict[str, Vector]:
        """The chunks' vectors by id, none where another model made them."""
        vectors = self.store.vectors("chunks", self.workspace.embedding_dimensions)
        if not vectors:
            return {}
        sample = self.store.chunks([document.public_id for document in found[:5]])
        return (
            vectors
            if embedding_model_check.made(
                vectors, sample, self.workspace.embedding_model
            )
            else {}
        )

    def write(
        self,
        new: Sequence[StoredDocument],
        said: Attribution,
        vectors: dict[str, Vector],
    ) -> None:
        for start in range(0, len(new), DOCUMENTS_AT_ONCE):
            batch = new[start : start + DOCUMENTS_AT_ONCE]
            self.progress("Documents", start, len(new))
            with transaction.atomic():
                documents = self.write_documents(batch)
                self.write_chunks(documents, said, vectors)
                audit.record_many(
                    Action.DOCUMENT_ADD,
                    (document.name for document in documents),
                    workspace_id=self.workspace.pk,
                    out_of="LightRAG",
                )
        self.progress("Documents", len(new), len(new))

    def write_documents(self, batch: Sequence[StoredDocument]) -> list[Document]:
        """The finished ones among the documents written."""
        found = self.store.texts([stored.public_id for stored in batch])
        texts = {key: text_cleaning.clean(text) for key, text in found.items()}
        kept = {s.public_id: s for s in batch if texts.get(s.public_id)}
        taken = document_rows.taken_names(
            self.workspace,
            (
                document_rows.wanted_name(stored, texts[key])
                for key, stored in kept.items()
            ),
        )
        pairs = [
            (
                document_rows.document_row(self.workspace, stored, texts[key], taken),
                texts[key],
            )
            for key, stored in kept.items()
        ]
        documents = [document for document, _ in pairs]
        finished = [d for d in documents if d.status == Status.PROCESSING]
        for document in finished:
            document.lease_owner, document.lease_until = (
                self.owner,
                document_rows.lease_end(),
            )
        Document.objects.bulk_create(documents)
        DocumentContent.objects.bulk_create(document_rows.content_rows(pairs))
        Document.objects.bulk_update(
            document_rows.dated(documents, kept), ["created_at"]
        )
        self.report.imported += len(documents)
        self.report.unfinished += len(documents) - len(finished)
        self.report.skipped += len(batch) - len(kept)
        return finished

    def write_chunks(
        self,
        documents: Sequence[Document],
        said: Attribution,
        vectors: dict[str, Vector],
    ) -> None:
        pairs = list(self.chunk_rows(documents))
        Chunk.objects.bulk_create(
            (chunk for _, chunk in pairs), batch_size=ROWS_AT_ONCE
        )
        ChunkExtraction.objects.bulk_create(
            document_rows.extraction_rows(pairs, said.extractions),
            batch_size=ROWS_AT_ONCE,
        )
        Document.objects.bulk_update(documents, ["chunks_count"])
        self.report.chunks += len(pairs)
        self.report.vectors_reused += vectors_of.stage(self.workspace, pairs, vectors)

    def chunk_rows(
        self, documents: Sequence[Document]
    ) -> Iterator[tuple[StoredChunk, Chunk]]:
        by_id = {document.public_id: document for document in documents}
        for stored in self.store.chunks(list(by_id)):
            document = by_id[stored.document_id]
            yield (
                stored,
                document_rows.chunk_row(document, document.chunks_count, stored),
            )
            document.chunks_count += 1

    def merge(self, said: Attribution) -> list[Merged]:
        """What is leased enters the graph, and the graph gets the store's own words."""
        ids = list(
            Document.objects.filter(lease_owner=self.owner, status=Status.PROCESSING)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        merged = []
        for start in range(0, len(ids), DOCUMENTS_AT_ONCE):
            self.progress("Merging", start, len(ids))
            batch = ids[start : start + DOCUMENTS_AT_ONCE]
            merged.append(merge.merge_documents(self.workspace.pk, self.owner, batch))
        if merged:
            with transaction.atomic():
                locks.lock_and_invalidate(self.workspace.pk)
                merged_fields.keep(self.workspace.pk, said)
        self.progress("Merging", len(ids), len(ids))
        return merged


def run(store: Store, workspace: Workspace, progress: Progress) -> ImportReport:
    """Import a whole store; see `Import.run`."""
    with leases.owner() as owner:
        return Import(store, workspace, owner, progress).run()
