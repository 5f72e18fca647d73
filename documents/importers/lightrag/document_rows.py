"""A store's documents and chunks -> rows as our own reading would have made them."""

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
from documents.workspaces import document_locks
from graph.extraction import answer_format
from graph.extraction.records import Extraction
from graph.models import ChunkExtraction

ORIGIN = "imported_from"
"""The key of `Document.metadata` that tells an imported document."""
MODEL = "lightrag:import"
"""Who extracted, in `ChunkExtraction.model`: the store does not say."""
TO_RETRY = "LightRAG had not finished this document. Retry it to have it processed."


def is_finished(document: StoredDocument) -> bool:
    """Whether LightRAG had processed it."""
    return document.status.rsplit(".", 1)[-1] == Status.PROCESSED


def known_ids(workspace: Workspace, found: Iterable[StoredDocument]) -> set[str]:
    """Ids of those documents that the workspace has. One query."""
    ids = [document.public_id for document in found]
    rows = Document.objects.filter(workspace=workspace, public_id__in=ids)
    return set(rows.values_list("public_id", flat=True))


def take_over(workspace: Workspace, found: Iterable[StoredDocument], owner: str) -> int:
    """Go on with what an earlier import was killed over; returns how many documents."""
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    left = Document.objects.filter(
        free,
        workspace=workspace,
        public_id__in=[document.public_id for document in found],
        status=Status.PROCESSING,
        metadata__has_key=ORIGIN,
    )
    with transaction.atomic():
        taken = Document.objects.filter(pk__in=document_locks.lock(left))
        return taken.update(lease_owner=owner, lease_until=lease_end())


def taken_names(workspace: Workspace, wanted: Iterable[str]) -> set[str]:
    """Those of the names that are in use. One query."""
    rows = Document.objects.filter(workspace=workspace, name__in=list(wanted))
    return set(rows.values_list("name", flat=True))


def lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=leases.LEASE_SECONDS)


def document_row(
    workspace: Workspace, stored: StoredDocument, text: str, taken: set[str]
) -> Document:
    """An unsaved document; `taken` are the names that are in use, its own is added."""
    finished = is_finished(stored)
    return Document(
        workspace=workspace,
        public_id=stored.public_id[:64],
        name=free_name(stored, text, taken),
        status=Status.PROCESSING if finished else Status.FAILED,
        error_msg="" if finished else stored.error_msg or TO_RETRY,
        content_summary=text_cleaning.summary(text),
        content_length=len(text),
        content_hash=text_cleaning.content_hash(text),
        track_id=stored.track_id[:64] or "import",
        metadata={ORIGIN: "LightRAG"},
    )


def wanted_name(stored: StoredDocument, text: str) -> str:
    """The last part of its source, cut so that an id may be added."""
    base = PurePosixPath(stored.source.replace("\\", "/")).name
    base = text_cleaning.clean(base)[: file_names.MAX_CHARS - 80]
    if base in file_names.NO_SOURCE:
        return new_documents.default_name(text_cleaning.content_hash(text))
    return base


def free_name(stored: StoredDocument, text: str, taken: set[str]) -> str:
    """The wanted name; with the document's id where another has that name."""
    name = wanted_name(stored, text)
    if name in taken:
        path = PurePosixPath(name)
        name = f"{path.stem} ({stored.public_id}){path.suffix}"
    taken.add(name)
    return name


def chunk_row(document: Document, order: int, stored: StoredChunk) -> Chunk:
    """`order` counts from 0 without gaps, which the store's own may have."""
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
    chunks: Iterable[tuple[StoredChunk, Chunk]], said: Mapping[str, Extraction]
) -> list[ChunkExtraction]:
    """With these rows a chunk is not asked about any more."""
    return [
        ChunkExtraction(
            chunk=chunk,
            records=answer_format.to_json(said.get(stored.id, Extraction())),
            model=MODEL,
        )
        for stored, chunk in chunks
    ]


def dated(
    documents: Sequence[Document], stored: Mapping[str, StoredDocument]
) -> list[Document]:
    """The documents whose age the store knows, with that age: lists are sorted by it."""
    found = []
    for document in documents:
        when = moment(stored[document.public_id].created_at)
        if when:
            document.created_at = when
            found.append(document)
    return found


def moment(said: str) -> datetime | None:
    """ISO 8601 or PostgreSQL's form; UTC where it names no zone."""
    try:
        when = datetime.fromisoformat(said)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
