"""The rows of documents, and all that they said, taken out of the database."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from documents.errors import MissingFile
from documents.files import file_storage
from documents.models import Chunk, Document
from graph.merging import prune
from graph.merging.prune import Settled
from retrieval.index import search_rows
from retrieval.index.search_rows import Touched
from retrieval.llm.usage.models import LLMCache

logger = logging.getLogger(__name__)

ROWS = (
    "DELETE FROM documents_chunk WHERE document_id = ANY(%(documents)s)",
    "DELETE FROM documents_documentcontent WHERE document_id = ANY(%(documents)s)",
    "DELETE FROM documents_pipelineevent WHERE document_id = ANY(%(documents)s)",
    "UPDATE documents_document SET replaces_id = NULL"
    " WHERE replaces_id = ANY(%(documents)s)",
    "DELETE FROM documents_document WHERE id = ANY(%(documents)s)",
)

# Set-based, children first: Django's own cascade would fetch every row.
STEPS = (
    "DELETE FROM search_chunk WHERE workspace_id = %(workspace)s"
    " AND chunk_id = ANY(%(chunks)s)",
    "DELETE FROM graph_stagedchunk WHERE chunk_id = ANY(%(chunks)s)",
    "DELETE FROM graph_chunkextraction WHERE chunk_id = ANY(%(chunks)s)",
    "UPDATE retrieval_llmcache SET chunk_id = NULL WHERE chunk_id = ANY(%(chunks)s)",
    *ROWS,
)

# The same for a workspace as a whole: its graph goes as it is, unasked who spoke of what.
CHUNKS = "SELECT id FROM documents_chunk WHERE document_id = ANY(%(documents)s)"
ALL_STEPS = (
    f"{CHUNKS} ORDER BY id FOR UPDATE",
    f"DELETE FROM graph_relationmention WHERE chunk_id IN ({CHUNKS})",  # noqa: S608
    f"DELETE FROM graph_entitymention WHERE chunk_id IN ({CHUNKS})",  # noqa: S608
    "DELETE FROM search_relation WHERE workspace_id = %(workspace)s",
    "DELETE FROM search_entity WHERE workspace_id = %(workspace)s",
    "DELETE FROM search_chunk WHERE workspace_id = %(workspace)s",
    "DELETE FROM graph_relation WHERE workspace_id = %(workspace)s",
    "DELETE FROM graph_entityalias WHERE workspace_id = %(workspace)s",
    "DELETE FROM graph_entity WHERE workspace_id = %(workspace)s",
    f"DELETE FROM graph_stagedchunk WHERE chunk_id IN ({CHUNKS})",  # noqa: S608
    f"DELETE FROM graph_chunkextraction WHERE chunk_id IN ({CHUNKS})",  # noqa: S608
    "UPDATE retrieval_llmcache SET chunk_id = NULL"
    " WHERE workspace_id = %(workspace)s AND chunk_id IS NOT NULL",
    *ROWS,
)


def erase_all(workspace_id: int, documents: Sequence[Document]) -> None:
    """Delete these, who are all documents of a workspace, and its whole graph.

    Neither rows nor their ids travel. Call it in a transaction that holds
    `documents.workspaces.locks.lock_and_invalidate` and the documents' locks.
    """
    ids = [document.pk for document in documents]
    with connection.cursor() as cursor:
        for step in ALL_STEPS:
            cursor.execute(step, {"workspace": workspace_id, "documents": ids})


def erase(
    workspace_id: int, documents: Sequence[Document], *, delete_llm_cache: bool = False
) -> Settled:
    """Delete the rows, also in mid-work, and what nobody else spoke of.

    Vectors that still hold what left are blanked. Call it in a transaction that holds
    `documents.workspaces.locks.lock_and_invalidate`.
    """
    silent = take_out(workspace_id, documents, delete_llm_cache=delete_llm_cache)
    return settle(workspace_id, silent)


def take_out(
    workspace_id: int, documents: Sequence[Document], *, delete_llm_cache: bool = False
) -> Touched:
    """Delete the rows, and nothing that was spoken of; `settle` is for that."""
    ids = [document.pk for document in documents]
    # Locked first: whoever stores something of a chunk locks it too, so it is either
    # there to be deleted here, or not stored at all.
    mine = Chunk.objects.select_for_update().filter(document__in=ids).order_by("pk")
    chunks = list(mine.values_list("pk", flat=True))
    if delete_llm_cache:
        LLMCache.objects.filter(chunk__in=chunks).delete()
    silent = prune.unmention(workspace_id, chunks)
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "chunks": chunks,
        "documents": ids,
    }
    with connection.cursor() as cursor:
        for step in STEPS:
            cursor.execute(step, values)
    return silent


def settle(workspace_id: int, silent: Touched) -> Settled:
    """What nobody speaks of any more goes; of the rest, vectors of old texts are blanked.

    Where nothing fell silent there is nothing to look at, and nothing to embed.
    """
    if silent == Touched():
        return Settled(silent)
    settled = prune.settle(workspace_id, silent)
    search_rows.invalidate(workspace_id, settled.left)
    return settled


def delete_files(documents: Iterable[Document]) -> int:
    """Remove the stored files; returns how many there were. A file in use is logged."""
    count = 0
    for document in documents:
        if document.source_path:
            path = file_storage.input_dir() / document.source_path
            try:
                file_storage.path_of(document).unlink()
                count += 1
            except FileNotFoundError:
                continue
            except MissingFile:
                logger.warning("%s is a link out of its folder: left alone", path)
            except OSError as error:
                logger.warning("%s could not be deleted: %s", path, error)
    return count
