"""The audit trail: who changed what, and when. Rows are added and never changed.

`record` is called by whatever changes something, inside its transaction, so that a change
and its row stand or fall together. One row an action, however much it touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from documents.workspaces import actor

NAMED = 100
"""How many names a row tells of an action on many; all are counted."""
TARGET_LENGTH = 512

ADD = """
INSERT INTO graph_auditentry
    (created_at, actor_kind, actor, address, action, workspace, target, details)
VALUES (clock_timestamp(), %(kind)s, %(actor)s, %(address)s, %(action)s,
    coalesce((SELECT name FROM documents_workspace WHERE id = %(workspace)s), ''),
    %(target)s, %(details)s)
"""


class Action(StrEnum):
    """What may stand in the trail: `thing.verb`."""

    DOCUMENT_ADD = "document.add"
    DOCUMENT_REPLACE = "document.replace"
    DOCUMENT_CHANGE = "document.change"
    DOCUMENT_DELETE = "document.delete"
    DOCUMENT_CLEAR = "document.clear"
    DOCUMENT_RETRY = "document.retry"
    DOCUMENT_CANCEL = "document.cancel"
    CACHE_CLEAR = "cache.clear"
    ENTITY_CREATE = "entity.create"
    ENTITY_EDIT = "entity.edit"
    ENTITY_RENAME = "entity.rename"
    ENTITY_MERGE = "entity.merge"
    ENTITY_SPLIT = "entity.split"
    ENTITY_KEEP_APART = "entity.keep_apart"
    ENTITY_DELETE = "entity.delete"
    RELATION_CREATE = "relation.create"
    RELATION_EDIT = "relation.edit"
    RELATION_DELETE = "relation.delete"
    EDITS_LOST = "edits.lost"
    GRAPH_IMPORT = "graph.import"
    SITE_RESTORE = "site.restore"
    WORKSPACE_CREATE = "workspace.create"
    WORKSPACE_RENAME = "workspace.rename"
    WORKSPACE_DELETE = "workspace.delete"
    WORKSPACE_REEMBED = "workspace.reembed"
    KEY_MAKE = "key.make"
    KEY_REVOKE = "key.revoke"
    LOGIN = "login"
    LOGIN_FAILED = "login.failed"
    LOGIN_LOCKED = "login.locked"


def record(
    action: Action, target: str, *, workspace_id: int | None = None, **details: Any
) -> None:
    """Add a row about `target` (an entity's name, a document's, a user's). One statement.

    Call it while the workspace's row still stands: its name is kept, not its id.
    """
    who = actor.current()
    values: dict[str, Any] = {
        "kind": who.kind.value,
        "actor": who.name[:200],
        "address": who.address[:64],
        "action": action.value,
        "workspace": workspace_id,
        "target": target.replace("\0", "")[:TARGET_LENGTH],
        "details": Jsonb(details),
    }
    with connection.cursor() as cursor:
        cursor.execute(ADD, values)


def record_many(
    action: Action, targets: Iterable[str], *, workspace_id: int, **details: Any
) -> None:
    """One row about all of them, the first NAMED by name; none where there are none."""
    names = list(targets)
    if names:
        record(
            action,
            ", ".join(names[:5]),
            workspace_id=workspace_id,
            count=len(names),
            names=names[:NAMED],
            **details,
        )
