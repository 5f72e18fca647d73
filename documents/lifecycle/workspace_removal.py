"""Removal of the rows and files of deleted workspaces, by the maintenance of a worker.

A deletion only marks the workspace. The rows are deleted in batches of bounded size, each
in a transaction of its own, so another worker continues after a kill.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable

from django.db import connection, transaction

from documents.files import file_storage
from documents.models import Workspace

BATCH_ROWS = 1000
"""Upper bound on the chunks, or on the rows of another table, of one transaction."""
logger = logging.getLogger(__name__)

TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('lightrag.remove'), hashint8(%s))"
DROP_GRAPH = "SELECT lightrag_drop_graph('workspace_' || %s)"

CHUNKS = """
SELECT id FROM documents_chunk WHERE workspace_id = %s ORDER BY id LIMIT %s FOR UPDATE
"""
OF_CHUNKS = tuple(
    f"DELETE FROM {table} WHERE {column} = ANY(%s)"  # noqa: S608 - constants only
    for table, column in (
        ("graph_relationmention", "chunk_id"),
        ("graph_entitymention", "chunk_id"),
        ("graph_stagedchunk", "chunk_id"),
        ("graph_chunkextraction", "chunk_id"),
        ("retrieval_llmcache", "chunk_id"),
        ("documents_figure", "chunk_id"),
        ("documents_figure", "description_chunk_id"),
        ("documents_chunk", "id"),
    )
)

DOCUMENTS = """
SELECT id FROM documents_document WHERE workspace_id = %s ORDER BY id LIMIT %s FOR UPDATE
"""
OF_DOCUMENTS = (
    "DELETE FROM documents_figure WHERE document_id = ANY(%s)",
    "DELETE FROM documents_documentcontent WHERE document_id = ANY(%s)",
    "DELETE FROM documents_pipelineevent WHERE document_id = ANY(%s)",
    "UPDATE documents_document SET replaces_id = NULL WHERE replaces_id = ANY(%s)",
    "DELETE FROM documents_document WHERE id = ANY(%s)",
)

# The order follows the foreign keys. Django's cascade deletes from tables with few rows.
BY_WORKSPACE = (
    "graph_relation",
    "graph_entityalias",
    "graph_entity",
    "documents_pipelineevent",
    "retrieval_llmcache",
    "retrieval_llmcall",
    "retrieval_feedback",
)
DELETE_ROWS = """
DELETE FROM {0} WHERE id IN (SELECT id FROM {0} WHERE workspace_id = %s LIMIT %s)
"""


def work(should_stop: Callable[[], bool]) -> None:
    """Remove the deleted workspaces, except those that another worker removes."""
    for workspace in Workspace.all_objects.exclude(deleted_at=None).order_by("pk"):
        folder = file_storage.deleted_folder(workspace.pk)
        shutil.rmtree(folder, ignore_errors=True)
        while not should_stop() and remove_batch(workspace):
            pass


def remove_batch(workspace: Workspace) -> bool:
    """Remove a batch of rows, or finally the workspace; return whether rows may be left."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TRY_LOCK, [workspace.pk])
        if cursor.fetchone() != (True,):
            return False
        cursor.execute(DROP_GRAPH, [workspace.pk])
        if _remove_rows(workspace.pk):
            return True
        Workspace.all_objects.filter(pk=workspace.pk).delete()
        logger.info("The rows of the deleted workspace %d are removed", workspace.pk)
        return False


def _remove_rows(workspace_id: int) -> bool:
    """Delete rows of the first table that has any; return whether there were any."""
    return (
        _remove_listed(workspace_id, CHUNKS, OF_CHUNKS)
        or _remove_listed(workspace_id, DOCUMENTS, OF_DOCUMENTS)
        or any(_remove_of(workspace_id, table) for table in BY_WORKSPACE)
    )


def _remove_listed(workspace_id: int, listed: str, statements: tuple[str, ...]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(listed, [workspace_id, BATCH_ROWS])
        ids = [row[0] for row in cursor.fetchall()]
        for statement in statements if ids else ():
            cursor.execute(statement, [ids])
    return bool(ids)


def _remove_of(workspace_id: int, table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(DELETE_ROWS.format(table), [workspace_id, BATCH_ROWS])
        return bool(cursor.rowcount)
