"""Documents leave with everything they said, in one transaction and without a model.

What others also said stays, derived anew from the mentions that remain; vectors that
still hold what left are blanked in the same commit and made anew by a worker.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from documents import events, tasks
from documents.models import Chunk, Document, Workspace
from graph import locking, pruning, search_rows
from graph.models import Entity, Relation
from retrieval.models import LLMCache

logger = logging.getLogger(__name__)

# Set-based, children first: Django's own cascade would fetch every row.
DELETE_STEPS = (
    "DELETE FROM search_chunk WHERE workspace_id = %(workspace)s"
    " AND chunk_id = ANY(%(chunks)s)",
    "DELETE FROM graph_stagedchunk WHERE chunk_id = ANY(%(chunks)s)",
    "DELETE FROM graph_chunkextraction WHERE chunk_id = ANY(%(chunks)s)",
    "UPDATE retrieval_llmcache SET chunk_id = NULL WHERE chunk_id = ANY(%(chunks)s)",
    "DELETE FROM documents_chunk WHERE document_id = ANY(%(documents)s)",
    "DELETE FROM documents_documentcontent WHERE document_id = ANY(%(documents)s)",
    "DELETE FROM documents_pipelineevent WHERE document_id = ANY(%(documents)s)",
    "DELETE FROM documents_document WHERE id = ANY(%(documents)s)",
)


@dataclass(frozen=True, slots=True)
class DeletionReport:
    """What was deleted, and which of the asked-for ids are not known."""

    deleted: tuple[str, ...]
    unknown: tuple[str, ...]
    files: int = 0


def delete_documents(
    workspace: Workspace,
    public_ids: Sequence[str],
    *,
    delete_file: bool = False,
    delete_llm_cache: bool = False,
) -> DeletionReport:
    """Delete documents by their `doc-…` ids, whatever their status, also in mid-work."""
    with transaction.atomic():
        locking.lock(workspace.pk)
        documents = list(
            Document.objects.select_for_update()
            .filter(workspace=workspace, public_id__in=public_ids)
            .order_by("pk")
        )
        erase(workspace, documents, delete_llm_cache=delete_llm_cache)
        tasks.wake(workspace.pk)
    known = {document.public_id for document in documents}
    return DeletionReport(
        deleted=tuple(known),
        unknown=tuple(name for name in public_ids if name not in known),
        files=delete_files(documents) if delete_file else 0,
    )


def erase(
    workspace: Workspace, documents: Sequence[Document], *, delete_llm_cache: bool
) -> None:
    """Delete the rows; call it under the workspace's lock."""
    ids = [document.pk for document in documents]
    chunks = list(Chunk.objects.filter(document__in=ids).values_list("pk", flat=True))
    if delete_llm_cache:
        LLMCache.objects.filter(chunk__in=chunks).delete()
    touched = pruning.forget(workspace.pk, chunks)
    search_rows.void(workspace.pk, touched)
    values = {"workspace": workspace.pk, "chunks": chunks, "documents": ids}
    with connection.cursor() as cursor:
        for step in DELETE_STEPS:
            cursor.execute(step, values)
    names = ", ".join(document.name for document in documents[:5])
    events.record_workspace(
        workspace.pk, f"Deleted {len(documents)} documents: {names}"
    )


def clear(workspace: Workspace, *, delete_files_too: bool = True) -> DeletionReport:
    """Delete every document of the workspace, and its whole graph; the LLM cache stays."""
    with transaction.atomic():
        locking.lock(workspace.pk)
        documents = list(
            Document.objects.select_for_update()
            .filter(workspace=workspace)
            .order_by("pk")
        )
        erase(workspace, documents, delete_llm_cache=False)
        Relation.objects.filter(workspace=workspace).delete()
        Entity.objects.filter(workspace=workspace).delete()
    return DeletionReport(
        deleted=tuple(document.public_id for document in documents),
        unknown=(),
        files=delete_files(documents) if delete_files_too else 0,
    )


def delete_files(documents: Sequence[Document]) -> int:
    """Remove the stored files; returns how many there were. A file in use is logged."""
    count = 0
    for document in documents:
        if document.source_path:
            path = Path(settings.LIGHTRAG.server.input_dir) / document.source_path
            try:
                path.unlink()
                count += 1
            except FileNotFoundError:
                continue
            except OSError as error:
                logger.warning("%s could not be deleted: %s", path, error)
    return count
