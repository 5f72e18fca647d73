"""The audit log: who changed what, and when. Rows are added and never changed.

Every function that changes something calls `record` in its own transaction, so the change
and its row are committed together. Each action adds one row. The actor is that of the
current request, command or task. Entry points set a function that returns it, not the
actor itself: a request may be authenticated later, and only changes need the actor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

MAX_NAMES = 100
"""Upper bound on the names in the row of an action on many objects."""
TARGET_LENGTH = 512
"""Characters of the target column."""

ADD = """
INSERT INTO graph_auditentry
    (created_at, actor_kind, actor, address, action, workspace, target, details)
VALUES (clock_timestamp(), %(kind)s, %(actor)s, %(address)s, %(action)s,
    coalesce((SELECT name FROM documents_workspace WHERE id = %(workspace)s), ''),
    %(target)s, %(details)s)
"""


class Kind(StrEnum):
    """How the actor was authenticated."""

    KEY = "key"
    ACCOUNT = "account"
    USER = "user"
    GUEST = "guest"
    ANYONE = "anyone"
    COMMAND = "command"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """The cause of a change. `address` is its network address, if it has one."""

    kind: Kind
    name: str
    address: str = ""


WORKER = Actor(Kind.SYSTEM, "worker")
"""The default actor, for the pipeline."""

ActorProvider = Callable[[], Actor]
_provider: ContextVar[ActorProvider] = ContextVar("actor", default=lambda: WORKER)


def current_actor() -> Actor:
    """Return the actor of this request, command or task."""
    return _provider.get()()


def set_provider(provider: ActorProvider) -> Token[ActorProvider]:
    """Set the function that returns the actor in this context."""
    return _provider.set(provider)


def reset_provider(token: Token[ActorProvider]) -> None:
    """Undo `set_provider`."""
    _provider.reset(token)


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Set the actor inside the block."""
    token = set_provider(lambda: actor)
    try:
        yield
    finally:
        reset_provider(token)


class Action(StrEnum):
    """Actions in the audit log, in the form `object.verb`."""

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
    """Add a row about `target`, the name of a document, an entity, or a user. One statement.

    Call it before the workspace's row is deleted, because its name is stored.
    """
    cause = current_actor()
    values: dict[str, Any] = {
        "kind": cause.kind.value,
        "actor": cause.name[:200],
        "address": cause.address[:64],
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
    """Add one row about all targets, with up to MAX_NAMES names; none without targets."""
    names = list(targets)
    if names:
        record(
            action,
            ", ".join(names[:5]),
            workspace_id=workspace_id,
            count=len(names),
            names=names[:MAX_NAMES],
            **details,
        )
