"""Named API keys: create, find, revoke. Only the hash of a key is stored.

A key contains 256 random bits, so a plain SHA-256 cannot be reversed, and the index
lookup of the hash reveals nothing about the key.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from compat_api.auth.callers import SERVER_KEY, Caller
from compat_api.models import ApiKey, Role
from documents.models import Workspace
from documents.workspaces import audit
from documents.workspaces.audit import Action, Kind

KEY_START = "lr-"
PREFIX_LENGTH = 9
"""Length of the prefix that is stored, and shown to identify a key."""
LAST_USED_INTERVAL = timedelta(minutes=1)
"""`last_used_at` is written at most this often."""


class KeyNameTaken(Exception):
    """An API key of this name exists, possibly revoked."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"An API key named '{name}' exists or was revoked. Choose another name."
        )


class UnknownKey(LookupError):
    """There is no active API key of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no active API key named '{name}'.")


@dataclass(frozen=True, slots=True)
class NewKey:
    """An API key to be created; `workspaces` None means all, including future ones."""

    name: str
    role: Role
    workspaces: Iterable[Workspace] | None = None
    expires_at: datetime | None = None
    requests_per_minute: int | None = None


def create(new: NewKey) -> tuple[ApiKey, str]:
    """Create an API key; return its row and its text, which is not stored.

    Raises KeyNameTaken.
    """
    text = KEY_START + secrets.token_urlsafe(32)
    with transaction.atomic():
        if ApiKey.objects.filter(name=new.name).exists():
            raise KeyNameTaken(new.name)
        key = ApiKey.objects.create(
            name=new.name,
            prefix=text[:PREFIX_LENGTH],
            digest=digest(text),
            role=new.role.value,
            all_workspaces=new.workspaces is None,
            expires_at=new.expires_at,
            requests_per_minute=new.requests_per_minute,
        )
        workspaces = list(new.workspaces or ())
        key.workspaces.set(workspaces)
        names = [workspace.name for workspace in workspaces]
        audit.record(
            Action.KEY_MAKE,
            key.name,
            role=new.role.word,
            workspaces=None if key.all_workspaces else names,
        )
    return key, text


def revoke(name: str) -> None:
    """Revoke an API key permanently; raise UnknownKey."""
    with transaction.atomic():
        active = ApiKey.objects.filter(name=name, revoked_at=None)
        if not active.update(revoked_at=timezone.now()):
            raise UnknownKey(name)
        audit.record(Action.KEY_REVOKE, name)


def any_created() -> bool:
    """Return whether a named API key exists, possibly revoked. One query."""
    return ApiKey.objects.exists()


def find(text: str) -> Caller | None:
    """Return the caller with this API key: the server's key or a valid named one.

    One query at most.
    """
    server_key = settings.LIGHTRAG.server.api_key
    if server_key and constant_time_compare(text, server_key):
        return SERVER_KEY
    if not text.startswith(KEY_START):
        return None
    now = timezone.now()
    unexpired = Q(expires_at=None) | Q(expires_at__gt=now)
    keys = ApiKey.objects.filter(unexpired, digest=digest(text), revoked_at=None)
    for key in keys.annotate(workspace_ids=ArrayAgg("workspaces", default=None)):
        note_use(key, now)
        return caller_of(key, key.workspace_ids)
    return None


def caller_of(key: ApiKey, workspace_ids: list[int | None] | None) -> Caller:
    """Return the caller that an API key identifies."""
    ids = frozenset(number for number in workspace_ids or () if number is not None)
    return Caller(
        Kind.KEY,
        key.name,
        Role(key.role),
        workspaces=None if key.all_workspaces else ids,
        per_minute=key.requests_per_minute,
    )


def note_use(key: ApiKey, now: datetime) -> None:
    """Update `last_used_at` if it is older than LAST_USED_INTERVAL."""
    if key.last_used_at is None or now - key.last_used_at > LAST_USED_INTERVAL:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


def digest(text: str) -> str:
    """Return the SHA-256 of a key, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
