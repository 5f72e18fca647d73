"""Creation, renaming and deletion of workspaces.

The server's own workspace (WORKSPACE), which requests without a workspace use, can be
neither renamed nor deleted. Its documents can be deleted.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from documents.files import file_storage
from documents.models import Status, Workspace
from documents.workspaces import audit, locks, lookup, workers
from documents.workspaces.audit import Action
from retrieval.index import own_tables

LOCK_ROWS = """
SELECT FROM documents_document WHERE workspace_id = %(workspace)s
ORDER BY id FOR NO KEY UPDATE
"""

MOVE_PATHS = """
UPDATE documents_document
SET source_path = %(new)s || substr(source_path, length(%(old)s) + 1)
WHERE workspace_id = %(workspace)s AND starts_with(source_path, %(old)s)
"""

# A worker that is parsing one of these files may not find it, so parsing starts again.
RESTART_PARSING = """
UPDATE documents_document
SET status = %(pending)s, lease_owner = '', lease_until = NULL
WHERE workspace_id = %(workspace)s AND status = %(parsing)s AND source_path <> ''
"""


class WorkspaceError(Exception):
    """The workspace can't be changed."""


class WorkspaceExists(WorkspaceError):
    """A workspace with this name already exists."""

    def __init__(self, name: str) -> None:
        super().__init__(f"A workspace '{name}' already exists.")


class ServerWorkspace(WorkspaceError):
    """The server's own workspace can be neither renamed nor deleted."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"'{name}' is the server's own workspace (WORKSPACE). It can be neither "
            "renamed nor deleted, but its documents can be deleted."
        )


class SharedFolder(WorkspaceError):
    """The files of the workspace are in INPUT_DIR itself, so it can't be renamed."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The files of the workspace '{name}' are in INPUT_DIR itself, so a workspace "
            "can't be renamed from or to this name."
        )


def create(name: str) -> Workspace:
    """Create a workspace for the configured embedding model; raise WorkspaceExists."""
    valid_name = lookup.clean_name(name)
    with transaction.atomic():
        if Workspace.objects.filter(name=valid_name).exists():
            raise WorkspaceExists(valid_name)
        return lookup.ensure(valid_name)


def rename(workspace: Workspace, name: str) -> Workspace:
    """Rename the workspace and its folder; raise WorkspaceError.

    Queued documents, and those being processed, are processed from the renamed folder.
    """
    old, new = workspace.name, lookup.clean_name(name)
    if old == new:
        return workspace
    _check_not_servers(old)
    if file_storage.DEFAULT_WORKSPACE in (old, new):
        raise SharedFolder(file_storage.DEFAULT_WORKSPACE)
    with file_storage.folder_mover(old, new) as move_folder, transaction.atomic():
        _lock(workspace)
        if Workspace.objects.filter(name=new).exists():
            raise WorkspaceExists(new)
        audit.record(
            Action.WORKSPACE_RENAME, new, workspace_id=workspace.pk, before=old
        )
        Workspace.objects.filter(pk=workspace.pk).update(name=new)
        _move_paths(workspace.pk, old, new)
        move_folder()
    workspace.name = new
    return workspace


def _move_paths(workspace_id: int, old: str, new: str) -> None:
    before, after = (file_storage.folder_path(name) for name in (old, new))
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "old": f"{file_storage.relative(before)}/",
        "new": f"{file_storage.relative(after)}/",
        "pending": str(Status.PENDING),
        "parsing": str(Status.PARSING),
    }
    with connection.cursor() as cursor:
        cursor.execute(LOCK_ROWS, values)
        cursor.execute(MOVE_PATHS, values)
        cursor.execute(RESTART_PARSING, values)


def delete(workspace: Workspace, *, delete_files: bool = True) -> None:
    """Delete the workspace with its documents, graph, cache and, optionally, files.

    It is invisible afterwards, and its name can be used again. A worker removes rows and
    files (`documents.lifecycle.workspace_removal`).

    Raises:
        ServerWorkspace: It is the server's own workspace.
        UnknownWorkspace: It was deleted in the meantime.
    """
    _check_not_servers(workspace.name)
    name = file_storage.deleted_name(workspace.pk)
    has_folder = workspace.name != file_storage.DEFAULT_WORKSPACE
    mover = file_storage.folder_mover(workspace.name, name)
    with mover as move_folder, transaction.atomic():
        _lock(workspace)
        audit.record(Action.WORKSPACE_DELETE, workspace.name, workspace_id=workspace.pk)
        own_tables.retire_current(workspace.pk)
        Workspace.objects.filter(pk=workspace.pk).update(
            name=name, deleted_at=Now(), stale_since=None, search_index=0
        )
        workers.notify_workers()
        if delete_files and has_folder:
            move_folder()


def _lock(workspace: Workspace) -> None:
    """Prevent writes to the workspace until the transaction ends.

    The row gets its strongest lock at once, because a later upgrade of the lock could
    deadlock. Raises UnknownWorkspace.
    """
    locks.lock_names(workspace)
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    locks.lock_workspace(workspace.pk)


def _check_not_servers(name: str) -> None:
    if name == lookup.clean_name(settings.LIGHTRAG.server.workspace):
        raise ServerWorkspace(name)
