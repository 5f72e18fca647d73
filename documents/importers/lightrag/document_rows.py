"""Rows of documents and chunks, built from those of a store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from documents.files import file_names
from documents.importers.lightrag.store import StoredChunk, StoredDocument
from documents.intake import new_documents
from documents.models import Chunk, Document, DocumentContent, Status, Workspace
from documents.parsing import text_cleaning
from documents.pipeline import leases
from documents.workspaces import locks
from graph.extraction import answer_format
from graph.extraction.records import Extraction
from graph.models import ChunkExtraction

ORIGIN = "imported_from"
"""The key of `Document.metadata` that marks an imported document."""
MODEL = "lightrag:import"
"""Value of `ChunkExtraction.model`: the store does not name the model it used."""
UNFINISHED_MESSAGE = "LightRAG had not finished this document. Retry it to process it."


def is_finished(document: StoredDocument) -> bool:
    """Return whether LightRAG had processed the document."""
    return document.status.rsplit(".", 1)[-1] == Status.PROCESSED


def existing_ids(workspace: Workspace, documents: Iterable[StoredDocument]) -> set[str]:
    """Return the ids of the documents that the workspace already has. One query."""
    ids = [document.public_id for document in documents]
    rows = Document.objects.filter(workspace=workspace, public_id__in=ids)
    return set(rows.values_list("public_id", flat=True))


def take_over(
    workspace: Workspace, documents: Iterable[StoredDocument], lease_owner: str
) -> int:
    """Lease the documents of an interrupted import; return their number."""
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    unfinished = Document.objects.filter(
        free,
        workspace=workspace,
        public_id__in=[document.public_id for document in documents],
        status=Status.PROCESSING,
        metadata__has_key=ORIGIN,
    )
    with transaction.atomic():
        locked = Document.objects.filter(pk__in=locks.lock_documents(unfinished))
        return locked.update(lease_owner=lease_owner, lease_until=lease_end())


def taken_names(workspace: Workspace, names: Iterable[str]) -> set[str]:
    """Return the names that are in use. One query."""
    rows = Document.objects.filter(workspace=workspace, name__in=list(names))
    return set(rows.values_list("name", flat=True))


def lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=leases.LEASE_SECONDS)


def document_row(
    workspace: Workspace, stored: StoredDocument, text: str, used_names: set[str]
) -> Document:
    """Return an unsaved document; add its name to `used_names`."""
    finished = is_finished(stored)
    return Document(
        workspace=workspace,
        public_id=stored.public_id[:64],
        name=free_name(stored, text, used_names),
        status=Status.PROCESSING if finished else Status.FAILED,
        error_msg="" if finished else stored.error_msg or UNFINISHED_MESSAGE,
        content_summary=text_cleaning.summary(text),
        content_length=len(text),
        content_hash=text_cleaning.content_hash(text),
        track_id=stored.track_id[:64] or "import",
        metadata={ORIGIN: "LightRAG"},
    )


def preferred_name(stored: StoredDocument, text: str) -> str:
    """Return the last part of the source, short enough to add an id."""
    base = PurePosixPath(stored.source.replace("\\", "/")).name
    base = text_cleaning.clean(base)[: file_names.MAX_CHARS - 80]
    if base in file_names.NO_SOURCE:
        return new_documents.default_name(text_cleaning.content_hash(text))
    return base


def free_name(stored: StoredDocument, text: str, used_names: set[str]) -> str:
    """Return the preferred name; add the document's id if the name is in use."""
    name = preferred_name(stored, text)
    if name in used_names:
        path = PurePosixPath(name)
        name = f"{path.stem} ({stored.public_id}){path.suffix}"
    used_names.add(name)
    return name


def chunk_row(document: Document, order: int, stored: StoredChunk) -> Chunk:
    """Return an unsaved chunk; `order` has no gaps, unlike the store's numbers."""
    content = text_cleaning.clean(stored.content)
    return Chunk(
        workspace_id=document.workspace_id,
        document=document,
        order=order,
        content=content,
        tokens=stored.tokens,
        headings=[text_cleaning.clean(heading) for heading in stored.headings],
        content_hash=text_cleaning.content_hash(content),
    )


def content_rows(pairs: Iterable[tuple[Document, str]]) -> list[DocumentContent]:
    return [DocumentContent(document=document, text=text) for document, text in pairs]


def extraction_rows(
    chunks: Iterable[tuple[StoredChunk, Chunk]], extractions: Mapping[str, Extraction]
) -> list[ChunkExtraction]:
    """Return the extractions of these chunks, so that no LLM is called for them."""
    return [
        ChunkExtraction(
            chunk=chunk,
            records=answer_format.to_json(extractions.get(stored.id, Extraction())),
            model=MODEL,
        )
        for stored, chunk in chunks
    ]


def set_creation_times(
    documents: Sequence[Document], stored: Mapping[str, StoredDocument]
) -> list[Document]:
    """Set the store's creation times, by which lists are sorted.

    Return the documents that have a creation time in the store.
    """
    changed = []
    for document in documents:
        created_at = parse_time(stored[document.public_id].created_at)
        if created_at:
            document.created_at = created_at
            changed.append(document)
    return changed


def parse_time(text: str) -> datetime | None:
    """Parse ISO 8601 or PostgreSQL's format; the default time zone is UTC."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
