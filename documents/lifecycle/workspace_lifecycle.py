"""Workspaces made, renamed and deleted by a person, with all that is theirs.

The server's own workspace, which requests are about that name none, is always there: it
can be cleared, and neither renamed nor deleted.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from documents.files import file_storage
from documents.lifecycle import deletion
from documents.models import Document, Status, Workspace
from documents.workspaces import audit, locks, lookup
from documents.workspaces.audit import Action
from retrieval.llm.usage.models import LLMCache

LOCK_ROWS = """
SELECT FROM documents_document WHERE workspace_id = %(workspace)s
ORDER BY id FOR NO KEY UPDATE
"""

MOVE_PATHS = """
UPDATE documents_document
SET source_path = %(new)s || substr(source_path, length(%(old)s) + 1)
WHERE workspace_id = %(workspace)s AND starts_with(source_path, %(old)s)
"""

# Whoever reads one of these files now may not find it: somebody begins anew.
READ_ANEW = """
UPDATE documents_document
SET status = %(pending)s, lease_owner = '', lease_until = NULL
WHERE workspace_id = %(workspace)s AND status = %(parsing)s AND source_path <> ''
"""


class WorkspaceRefused(Exception):
    """The workspace cannot be changed like that."""


class WorkspaceExists(WorkspaceRefused):
    """There is a workspace of that name already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a workspace '{name}' already.")


class ServersOwn(WorkspaceRefused):
    """It must stay, for requests that name none are about it."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"'{name}' is the server's own workspace (WORKSPACE) and stays as it is. "
            "Its documents can be deleted."
        )


class SharedFolder(WorkspaceRefused):
    """Its files lie in INPUT_DIR itself, with the folders of all others."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The files of the workspace '{name}' lie in INPUT_DIR itself, so no "
            "workspace can be renamed from or to it."
        )


def create(name: str) -> Workspace:
    """A new one, for the configured embedding model; raises WorkspaceExists."""
    clean = lookup.clean_name(name)
    with transaction.atomic():
        if Workspace.objects.filter(name=clean).exists():
            raise WorkspaceExists(clean)
        return lookup.ensure(clean)


def rename(workspace: Workspace, name: str) -> Workspace:
    """Give it another name, and its folder too; raises WorkspaceRefused.

    Documents that wait or are read go on: their files are found where they are now.
    """
    old, new = workspace.name, lookup.clean_name(name)
    if old == new:
        return workspace
    _refuse_own(old)
    for one in (old, new):
        if one == file_storage.DEFAULT_WORKSPACE:
            raise SharedFolder(one)
    with file_storage.folder_moved(old, new) as move, transaction.atomic():
        _hold(workspace)
        if Workspace.objects.filter(name=new).exists():
            raise WorkspaceExists(new)
        audit.record(
            Action.WORKSPACE_RENAME, new, workspace_id=workspace.pk, before=old
        )
        Workspace.objects.filter(pk=workspace.pk).update(name=new)
        _move_paths(workspace.pk, old, new)
        move()
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
        cursor.execute(READ_ANEW, values)


def delete(workspace: Workspace, *, delete_files: bool = True) -> None:
    """With its documents, graph, cache and, if wished, files; also in mid-work.

    It is emptied first, and then goes: where its tables are not to be had (OperationalError
    after two minutes), it is left empty. Raises ServersOwn, and UnknownWorkspace where
    somebody was quicker.
    """
    _refuse_own(workspace.name)
    with transaction.atomic():
        locks.serialize_ddl()  # the admin has both steps in one transaction
        _hold(workspace)
        deletion.clear(workspace, delete_files_too=False)
        LLMCache.objects.filter(workspace=workspace).delete()
    with transaction.atomic():
        locks.serialize_ddl()
        _hold(workspace)
        files = list(_files(workspace)) if delete_files else []
        _drop(workspace)
    for path in files:
        shutil.rmtree(path, ignore_errors=True)


def _drop(workspace: Workspace) -> None:
    """Before anything of its tables is touched they are taken: who makes a workspace, and
    wants what all share too, would else be waited for by whom he waits for."""
    locks.lock_search_tables(workspace.pk)
    if Document.objects.filter(workspace=workspace).exists():  # handed in meanwhile
        deletion.clear(workspace, delete_files_too=False)
    audit.record(Action.WORKSPACE_DELETE, workspace.name, workspace_id=workspace.pk)
    Workspace.objects.filter(pk=workspace.pk).delete()


def _files(workspace: Workspace) -> list[Path]:
    """Its folder, which is no other's; none where it is INPUT_DIR itself."""
    if workspace.name == file_storage.DEFAULT_WORKSPACE:
        return []
    return [file_storage.folder_path(workspace.name)]


def _hold(workspace: Workspace) -> None:
    """Nobody else writes to it until this transaction ends; raises UnknownWorkspace.

    The row is locked as strongly as it will be needed at once: who asks for more later
    may wait for somebody who waits for him.
    """
    locks.lock_names(workspace)
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    locks.lock_workspace(workspace.pk)


def _refuse_own(name: str) -> None:
    if name == lookup.clean_name(settings.LIGHTRAG.server.workspace):
        raise ServersOwn(name)
