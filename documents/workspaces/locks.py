"""Locks of a workspace: its row, which serializes writers of its graph, and its names.

Writers are short: their statements are set-based, and no model is called while a lock
is held. Readers never wait for them. The order of all locks is in `docs/lock-order.md`.
"""

from __future__ import annotations

from django.db import connection
from django.db.models import QuerySet

from documents.models import Document, Workspace
from documents.workspaces.lookup import UnknownWorkspace


def lock_workspace(workspace_id: int) -> None:
    """Lock the workspace's row until the transaction ends.

    Use it for writes that do not change answers, such as adding documents. It prevents
    deadlocks between two writers of one graph.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM documents_workspace WHERE id = %s FOR NO KEY UPDATE",
            [workspace_id],
        )


def lock_and_invalidate(workspace_id: int) -> None:
    """Lock the workspace's row until the transaction ends, and increment its version.

    The version is part of the cache key of every answer, so answers cached before the
    commit are not used any more. Use it for every write that may change an answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE documents_workspace SET version = version + 1 WHERE id = %s",
            [workspace_id],
        )


def share_lock(*workspace_ids: int) -> None:
    """Prevent the deletion of these workspaces until the transaction ends.

    Use it in transactions that write rows of a workspace without `lock_workspace`. Call
    it before documents or chunks are locked: a deletion locks in this order too.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM documents_workspace WHERE id = ANY(%s)"
            " ORDER BY id FOR KEY SHARE",
            [list(workspace_ids)],
        )


def lock_names(workspace: Workspace) -> None:
    """Lock the document names of the workspace until the transaction ends.

    Everything that adds documents takes this lock, and holds it for the insert only: never
    while bytes are received or a model is called. Raises UnknownWorkspace if the workspace
    was renamed or deleted since it was read, because its folder is another one then.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('documents.names'), %s::int)",
            [workspace.pk],
        )
    if not Workspace.objects.filter(pk=workspace.pk, name=workspace.name).exists():
        raise UnknownWorkspace(
            f"Workspace not found: {workspace.name}. It was renamed or deleted."
        )


def documents_in_order(documents: QuerySet[Document]) -> QuerySet[Document]:
    """Return the same documents for an `update` that locks all rows before it writes.

    The update is one statement, and needs a transaction.
    """
    locked = documents.select_for_update(of=("self",), no_key=True).order_by("pk")
    return Document.objects.filter(pk__in=locked.values("pk"))


def lock_documents(documents: QuerySet[Document]) -> list[int]:
    """Lock the rows of the documents, and return their ids in order."""
    locked = documents.select_for_update(of=("self",), no_key=True).order_by("pk")
    return list(locked.values_list("pk", flat=True))
