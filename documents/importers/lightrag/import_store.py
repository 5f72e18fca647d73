"""Import of a LightRAG store into a workspace, without calling an LLM.

The import stores the extractions of chunks and stages their vectors, as our own
extraction does. The steps of the write path then merge and embed them, so imported
documents can be edited, deleted and replaced like others. The import leases its
documents as a worker does: after an interruption, run the import again, or a worker
finishes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from documents.importers.lightrag import (
    attribution,
    chunk_vectors,
    document_rows,
    graph_vectors,
    merged_fields,
)
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
"""Number of documents that are written, and merged, in one transaction."""
ROWS_AT_ONCE = 1000
"""Number of rows in one INSERT."""

Progress = Callable[[str, int, int], None]
"""Called with the name of the step, the work done and the total."""


@dataclass(slots=True)
class ImportReport:
    """Counts of what an import has done."""

    imported: int = 0
    unfinished: int = 0
    """Imported with status FAILED: LightRAG had not processed them."""
    existing: int = 0
    skipped: int = 0
    """Without a text: LightRAG's rows for duplicates and damaged files."""
    chunks: int = 0
    vectors_reused: int = 0
    vectors_made: int = 0


@dataclass(frozen=True, slots=True)
class Import:
    """The import of one store into one workspace."""

    store: Store
    workspace: Workspace
    lease_owner: str
    progress: Progress
    report: ImportReport = field(default_factory=ImportReport)

    def run(self) -> ImportReport:
        """Import the store; everything is searchable afterwards.

        Raises InvalidStore, and the embedder's errors of `retrieval.llm.errors`.
        """
        documents = self.store.documents()
        existing = document_rows.existing_ids(self.workspace, documents)
        new = [document for document in documents if document.public_id not in existing]
        self.report.existing = len(documents) - len(new)
        document_rows.take_over(self.workspace, documents, self.lease_owner)
        attributed = attribution.attribute(self.store, self.store.chunk_order())
        vectors = self.usable_vectors(documents)
        self.write(new, attributed, vectors)
        merged = self.merge(attributed)
        if vectors:
            self.report.vectors_reused += graph_vectors.reuse(
                self.store, self.workspace
            )
        self.report.vectors_made += chunk_vectors.embed_missing(
            self.workspace, merged, lambda *counts: self.progress("Embedding", *counts)
        )
        for batch in merged:
            merge.finish(self.lease_owner, batch)
        return self.report

    def usable_vectors(self, documents: Sequence[StoredDocument]) -> dict[str, Vector]:
        """Return the chunks' vectors by id; empty if another model computed them."""
        vectors = self.store.vectors("chunks", self.workspace.embedding_dimensions)
        if not vectors:
            return {}
        sample = self.store.chunks([document.public_id for document in documents[:5]])
        usable = chunk_vectors.matches(vectors, sample, self.workspace.embedding_model)
        return vectors if usable else {}

    def write(
        self,
        new: Sequence[StoredDocument],
        attributed: Attribution,
        vectors: dict[str, Vector],
    ) -> None:
        for start in range(0, len(new), DOCUMENTS_AT_ONCE):
            batch = new[start : start + DOCUMENTS_AT_ONCE]
            self.progress("Documents", start, len(new))
            with transaction.atomic():
                documents = self.write_documents(batch)
                self.write_chunks(documents, attributed, vectors)
                audit.record_many(
                    Action.DOCUMENT_ADD,
                    (document.name for document in documents),
                    workspace_id=self.workspace.pk,
                    out_of="LightRAG",
                )
        self.progress("Documents", len(new), len(new))

    def write_documents(self, batch: Sequence[StoredDocument]) -> list[Document]:
        """Write the documents that have a text; return those LightRAG had processed."""
        stored_texts = self.store.texts([stored.public_id for stored in batch])
        texts = {key: text_cleaning.clean(text) for key, text in stored_texts.items()}
        with_text = {s.public_id: s for s in batch if texts.get(s.public_id)}
        used_names = document_rows.taken_names(
            self.workspace,
            (
                document_rows.preferred_name(stored, texts[key])
                for key, stored in with_text.items()
            ),
        )
        pairs = [
            (
                document_rows.document_row(
                    self.workspace, stored, texts[key], used_names
                ),
                texts[key],
            )
            for key, stored in with_text.items()
        ]
        documents = [document for document, _ in pairs]
        finished = [d for d in documents if d.status == Status.PROCESSING]
        for document in finished:
            document.lease_owner, document.lease_until = (
                self.lease_owner,
                document_rows.lease_end(),
            )
        Document.objects.bulk_create(documents)
        DocumentContent.objects.bulk_create(document_rows.content_rows(pairs))
        Document.objects.bulk_update(
            document_rows.set_creation_times(documents, with_text), ["created_at"]
        )
        self.report.imported += len(documents)
        self.report.unfinished += len(documents) - len(finished)
        self.report.skipped += len(batch) - len(with_text)
        return finished

    def write_chunks(
        self,
        documents: Sequence[Document],
        attributed: Attribution,
        vectors: dict[str, Vector],
    ) -> None:
        pairs = list(self.chunk_rows(documents))
        Chunk.objects.bulk_create(
            (chunk for _, chunk in pairs), batch_size=ROWS_AT_ONCE
        )
        ChunkExtraction.objects.bulk_create(
            document_rows.extraction_rows(pairs, attributed.extractions),
            batch_size=ROWS_AT_ONCE,
        )
        Document.objects.bulk_update(documents, ["chunks_count"])
        self.report.chunks += len(pairs)
        self.report.vectors_reused += chunk_vectors.stage(
            self.workspace, pairs, vectors
        )

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

    def merge(self, attributed: Attribution) -> list[Merged]:
        """Merge the leased documents into the graph; keep the store's descriptions."""
        ids = list(
            Document.objects.filter(
                lease_owner=self.lease_owner, status=Status.PROCESSING
            )
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        merged = []
        for start in range(0, len(ids), DOCUMENTS_AT_ONCE):
            self.progress("Merging", start, len(ids))
            batch = ids[start : start + DOCUMENTS_AT_ONCE]
            merged.append(
                merge.merge_documents(self.workspace.pk, self.lease_owner, batch)
            )
        if merged:
            with transaction.atomic():
                locks.lock_and_invalidate(self.workspace.pk)
                merged_fields.store_descriptions(self.workspace.pk, attributed)
        self.progress("Merging", len(ids), len(ids))
        return merged


def run(store: Store, workspace: Workspace, progress: Progress) -> ImportReport:
    """Import a store; see `Import.run`."""
    with leases.owner() as lease_owner:
        return Import(store, workspace, lease_owner, progress).run()
