"""One writer of a workspace's graph at a time, so that writers of one hub cannot deadlock.

Writers are short (set-based, no model is asked inside), so they wait milliseconds for
each other; readers never wait.
"""

from __future__ import annotations

from django.db import connection


def lock(workspace_id: int) -> None:
    """Take the workspace's write lock until the transaction ends, and raise its version.

    The version is part of every answer's cache key: a commit under this lock makes
    older answers unreachable.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE documents_workspace SET version = version + 1 WHERE id = %s",
            [workspace_id],
        )


def hold(*workspace_ids: int) -> None:
    """Keep these workspaces from being deleted or renamed until the transaction ends.

    For who writes rows of a workspace without its lock: before documents or chunks are
    locked, for a deletion goes that way too. Nobody else is kept waiting.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM documents_workspace WHERE id = ANY(%s)"
            " ORDER BY id FOR KEY SHARE",
            [list(workspace_ids)],
        )
