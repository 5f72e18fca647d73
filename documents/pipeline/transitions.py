"""The final states of a document: processed, or failed with an actionable message."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import F, Func, Value
from django.db.models.functions import Now

from documents.lifecycle import row_deletion
from documents.models import Document, EventKind, Status, chunk_public_id
from documents.pipeline.steps.extract import ChunkFailed
from documents.workspaces import event_log, locks
from retrieval.index import own_tables

logger = logging.getLogger(__name__)

COPY_CHUNKS = """
INSERT INTO search_chunk (index_id, chunk_id, vector, lexical, text_hash)
SELECT w.search_index, c.id, s.vector, s.lexical, c.content_hash
FROM documents_chunk c JOIN graph_stagedchunk s ON s.chunk_id = c.id
JOIN documents_workspace w ON w.id = c.workspace_id
WHERE c.document_id = ANY(%(documents)s)
ORDER BY c.id
ON CONFLICT (index_id, chunk_id) DO NOTHING
"""

EMBEDDED = """
SELECT d.id FROM documents_document d
WHERE d.id = ANY(%(documents)s) AND NOT EXISTS (
    SELECT FROM documents_chunk c LEFT JOIN graph_stagedchunk s ON s.chunk_id = c.id
    WHERE c.document_id = d.id AND s.vector IS NULL)
"""

UNSTAGE = """
DELETE FROM graph_stagedchunk s USING documents_chunk c
WHERE c.id = s.chunk_id AND c.document_id = ANY(%(documents)s)
"""


def succeed(documents: Sequence[Document]) -> None:
    """Make the documents' chunks findable and mark them processed.

    Call it in a transaction that holds `documents.workspaces.locks.lock_and_invalidate`.
    """
    ids = [document.pk for document in documents]
    make_findable(ids)
    own_tables.request_if_large(documents[0].workspace_id)
    Document.objects.filter(pk__in=ids).update(
        status=Status.PROCESSED,
        error_msg="",
        lease_owner="",
        lease_until=None,
        metadata=merged_metadata(process_end_time=int(time.time())),
        updated_at=Now(),
    )
    event_log.record_many(
        EventKind.PROCESSED,
        ((d, f"Completed processing: {d.name}", {}) for d in documents),
    )
    for document in documents:
        logger.info("Processed", extra={"document": document.public_id})


def make_findable(document_ids: Sequence[int]) -> None:
    """Copy the documents' staged chunks to the search table, and unstage them."""
    with connection.cursor() as cursor:
        cursor.execute(COPY_CHUNKS, {"documents": list(document_ids)})
        cursor.execute(UNSTAGE, {"documents": list(document_ids)})


def make_embedded_findable(workspace_id: int, document_ids: Sequence[int]) -> None:
    """Make documents findable if all their chunks are embedded.

    Their graph is added later. The chunks stay staged, so that a retry of a failed
    document does not embed them again. A new version of a document is left out: it
    becomes findable when it replaces the current version.
    """
    with connection.cursor() as cursor:
        cursor.execute(EMBEDDED, {"documents": list(document_ids)})
        embedded = [pk for (pk,) in cursor.fetchall()]
    if not embedded:
        return
    with transaction.atomic():
        locks.lock_and_invalidate(workspace_id)
        documents = Document.objects.filter(
            pk__in=embedded,
            status=Status.PROCESSING,
            cancelled=False,
            replaces=None,
        )
        with connection.cursor() as cursor:
            cursor.execute(COPY_CHUNKS, {"documents": locks.lock_documents(documents)})
        own_tables.request_if_large(workspace_id)


def fail(document: Document, message: str, **metadata: str) -> None:
    """Mark a document failed. Stored extractions and vectors are kept for a retry.

    `metadata` is added to the document's own (error_type, error_stage). A document that
    was deleted, cancelled or leased by another worker meanwhile is left alone.
    """
    leased = Document.objects.filter(
        pk=document.pk, lease_owner=document.lease_owner, cancelled=False
    )
    with transaction.atomic():
        locks.lock_and_invalidate(document.workspace_id)
        failed = leased.update(
            status=Status.FAILED,
            error_msg=message,
            lease_owner="",
            lease_until=None,
            metadata=merged_metadata(**metadata),
            updated_at=Now(),
        )
        if failed:
            row_deletion.hide_chunks(document.workspace_id, [document.pk])
            event_log.record(
                document, EventKind.FAILED, f"Failed: {document.name}: {message}"
            )
            logger.warning(
                "Failed: %s", message, extra={"document": document.public_id}
            )


def fail_with_error(document: Document, error: BaseException, stage: str) -> None:
    """Mark a document failed by `error`, in the pipeline's `stage`."""
    fail(
        document,
        error_message(document, error),
        error_type=type(getattr(error, "cause", error)).__name__,
        error_stage=stage,
    )


def error_message(document: Document, error: BaseException) -> str:
    """Return LightRAG's message for a failed chunk: `C[2/7]: doc-…-chunk-001: reason`."""
    if not isinstance(error, ChunkFailed):
        return str(error) or type(error).__name__
    chunk_id = chunk_public_id(document.public_id, error.order)
    count = document.chunks_count
    return f"C[{error.order + 1}/{count}]: {chunk_id}: {error.cause}"


def merged_metadata(**values: object) -> object:
    """Return an expression: the row's metadata with these keys added."""
    return Func(
        F("metadata"),
        Value(values, output_field=Document._meta.get_field("metadata")),
        template="%(expressions)s",
        arg_joiner=" || ",
    )
