"""Deletion of the rows and files of documents, and of everything extracted from them.

The statements are set-based, children first: Django's cascade would fetch every row.
Triggers delete the rows of the search tables and of the AGE graph.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from documents.errors import MissingFile
from documents.files import file_storage
from documents.models import Chunk, Document
from graph.merging import prune
from graph.merging.prune import PruneResult
from retrieval.index import search_rows, tables
from retrieval.index.search_rows import Touched
from retrieval.llm.usage.models import LLMCache

logger = logging.getLogger(__name__)

DELETE_DOCUMENTS = (
    "DELETE FROM documents_figure WHERE document_id = ANY(%(documents)s)",
    "DELETE FROM documents_chunk WHERE document_id = ANY(%(documents)s)",
    "DELETE FROM documents_documentcontent WHERE document_id = ANY(%(documents)s)",
    "DELETE FROM documents_pipelineevent WHERE document_id = ANY(%(documents)s)",
    "UPDATE documents_document SET replaces_id = NULL"
    " WHERE replaces_id = ANY(%(documents)s)",
    "DELETE FROM documents_document WHERE id = ANY(%(documents)s)",
)

DELETE_CHUNK_DATA = (
    "DELETE FROM graph_stagedchunk WHERE chunk_id = ANY(%(chunks)s)",
    "DELETE FROM graph_chunkextraction WHERE chunk_id = ANY(%(chunks)s)",
    "UPDATE retrieval_llmcache SET chunk_id = NULL WHERE chunk_id = ANY(%(chunks)s)",
    *DELETE_DOCUMENTS,
)

HIDE_CHUNKS = """
DELETE FROM search_chunk s USING documents_chunk c
WHERE s.index_id = %(index)s AND s.chunk_id = c.id
    AND c.document_id = ANY(%(documents)s)
"""

# For all documents of a workspace: the graph is dropped without reading the mentions.
CHUNKS = "SELECT id FROM documents_chunk WHERE document_id = ANY(%(documents)s)"
DELETE_EVERYTHING = (
    f"{CHUNKS} ORDER BY id FOR UPDATE",
    f"DELETE FROM graph_relationmention WHERE chunk_id IN ({CHUNKS})",  # noqa: S608
    f"DELETE FROM graph_entitymention WHERE chunk_id IN ({CHUNKS})",  # noqa: S608
    "DELETE FROM graph_relation WHERE workspace_id = %(workspace)s",
    "DELETE FROM graph_entityalias WHERE workspace_id = %(workspace)s",
    "DELETE FROM graph_entity WHERE workspace_id = %(workspace)s",
    f"DELETE FROM graph_stagedchunk WHERE chunk_id IN ({CHUNKS})",  # noqa: S608
    f"DELETE FROM graph_chunkextraction WHERE chunk_id IN ({CHUNKS})",  # noqa: S608
    "UPDATE retrieval_llmcache SET chunk_id = NULL"
    " WHERE workspace_id = %(workspace)s AND chunk_id IS NOT NULL",
    *DELETE_DOCUMENTS,
)


def hide_chunks(workspace_id: int, document_ids: Sequence[int]) -> None:
    """Remove the chunks of failed or cancelled documents from the search table.

    Call it in a transaction that holds `locks.lock_and_invalidate`.
    """
    values: dict[str, Any] = {
        "index": tables.index_of(workspace_id),
        "documents": list(document_ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(HIDE_CHUNKS, values)


def delete_everything(workspace_id: int, documents: Sequence[Document]) -> None:
    """Delete all documents of a workspace, given as `documents`, and its graph.

    No chunk is fetched. Call it in a transaction that holds `locks.lock_and_invalidate`
    and the locks of the documents' rows.
    """
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "documents": [document.pk for document in documents],
    }
    with connection.cursor() as cursor:
        for statement in DELETE_EVERYTHING:
            cursor.execute(statement, values)


def delete(
    workspace_id: int, documents: Sequence[Document], *, delete_llm_cache: bool = False
) -> PruneResult:
    """Delete documents, and the entities and relations that only they mention.

    Vectors of texts that contain deleted parts are cleared. Call it in a transaction that
    holds `locks.lock_and_invalidate`.
    """
    unmentioned = delete_rows(
        workspace_id, documents, delete_llm_cache=delete_llm_cache
    )
    return prune_graph(workspace_id, unmentioned)


def delete_rows(
    workspace_id: int, documents: Sequence[Document], *, delete_llm_cache: bool = False
) -> Touched:
    """Delete documents and their mentions, and return what they mentioned.

    The entities and relations themselves stay until `prune_graph`.
    """
    ids = [document.pk for document in documents]
    # Workers lock a chunk before they store its data, so data is either stored before
    # this lock and deleted below, or not stored at all.
    rows = Chunk.objects.select_for_update().filter(document__in=ids).order_by("pk")
    chunks = list(rows.values_list("pk", flat=True))
    if delete_llm_cache:
        LLMCache.objects.filter(chunk__in=chunks).delete()
    unmentioned = prune.remove_mentions(workspace_id, chunks)
    values: dict[str, Any] = {
        "chunks": chunks,
        "documents": ids,
    }
    with connection.cursor() as cursor:
        for statement in DELETE_CHUNK_DATA:
            cursor.execute(statement, values)
    return unmentioned


def prune_graph(workspace_id: int, unmentioned: Touched) -> PruneResult:
    """Delete entities and relations without mentions, and clear the vectors of the rest."""
    if unmentioned == Touched():
        return PruneResult(unmentioned)
    pruned = prune.delete_unmentioned(workspace_id, unmentioned)
    search_rows.invalidate(workspace_id, pruned.remaining)
    return pruned


def delete_files(documents: Iterable[Document]) -> int:
    """Delete the stored files and return their number. Failures are only logged.

    A file that another version of its document uses is kept.
    """
    count = 0
    documents = list(documents)
    paths = [document.source_path for document in documents if document.source_path]
    others = Document.objects.filter(source_path__in=paths).exclude(
        pk__in=[document.pk for document in documents if document.pk]
    )
    used_paths = set(others.values_list("source_path", flat=True)) if paths else set()
    for document in documents:
        if document.source_path and document.source_path not in used_paths:
            path = file_storage.input_dir() / document.source_path
            try:
                file_storage.path_of(document).unlink()
                count += 1
            except FileNotFoundError:
                continue
            except MissingFile:
                logger.warning(
                    "%s is a link to a file outside its folder and was not deleted",
                    path,
                )
            except OSError as error:
                logger.warning("%s could not be deleted: %s", path, error)
    return count
