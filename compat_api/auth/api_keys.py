"""API keys: made, found, revoked. What is kept of a key is its hash.

A key holds 256 random bits, so a plain SHA-256 cannot be turned back, and looking the
hash up in an index tells a guesser nothing about the key.
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

from compat_api.auth.callers import KEY_HOLDER, Caller
from compat_api.models import ApiKey, Role
from documents.models import Workspace
from documents.workspaces import audit
from documents.workspaces.actor import Kind
from documents.workspaces.audit import Action

PREFIX = "lr-"
SHOWN = 9
"""How many first characters of a key are kept to know it by."""
FRESH = timedelta(minutes=1)
"""`last_used_at` is written no oftener."""


class KeyNameTaken(Exception):
    """There is a key of that name, be it a revoked one."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is, or was, a key called '{name}'. Choose another name."
        )


class UnknownKey(LookupError):
    """There is no such key that could be revoked."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no key '{name}' that could be revoked.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key to be made; `workspaces` None: it opens all, also those to come."""

    name: str
    right: Role
    workspaces: Iterable[Workspace] | None = None
    expires_at: datetime | None = None
    requests_per_minute: int | None = None


def make(wanted: Wanted) -> tuple[ApiKey, str]:
    """The key's row, and the key itself, which nobody can read again.

    Raises KeyNameTaken.
    """
    text = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        if ApiKey.objects.filter(name=wanted.name).exists():
            raise KeyNameTaken(wanted.name)
        key = ApiKey.objects.create(
            name=wanted.name,
            begins=text[:SHOWN],
            digest=digest(text),
            right=wanted.right.value,
            all_workspaces=wanted.workspaces is None,
            expires_at=wanted.expires_at,
            requests_per_minute=wanted.requests_per_minute,
        )
        opens = list(wanted.workspaces or ())
        key.workspaces.set(opens)
        audit.record(
            Action.KEY_MAKE,
            key.name,
            right=wanted.right.word,
            workspaces=None if key.all_workspaces else [one.name for one in opens],
        )
    return key, text


def revoke(name: str) -> None:
    """From now on it opens nothing; raises UnknownKey."""
    with transaction.atomic():
        active = ApiKey.objects.filter(name=name, revoked_at=None)
        if not active.update(revoked_at=timezone.now()):
            raise UnknownKey(name)
        audit.record(Action.KEY_REVOKE, name)


def any_made() -> bool:
    """Whether there ever was one. One query."""
    return ApiKey.objects.exists()


def find(text: str) -> Caller | None:
    """Whose key this is: the server's own, or a named one that holds. One query at most."""
    server_s = settings.LIGHTRAG.server.api_key
    if server_s and constant_time_compare(text, server_s):
        return KEY_HOLDER
    if not text.startswith(PREFIX):
        return None
    now = timezone.now()
    holding = Q(expires_at=None) | Q(expires_at__gt=now)
    found = ApiKey.objects.filter(holding, digest=digest(text), revoked_at=None)
    for key in found.annotate(opens=ArrayAgg("workspaces", default=None)):
        note_use(key, now)
        return caller(key, key.opens)
    return None


def caller(key: ApiKey, opens: list[int | None] | None) -> Caller:
    ids = frozenset(one for one in opens or () if one is not None)
    return Caller(
        Kind.KEY,
        key.name,
        Role(key.right),
        workspaces=None if key.all_workspaces else ids,
        per_minute=key.requests_per_minute,
    )


def note_use(key: ApiKey, now: datetime) -> None:
    if key.last_used_at is None or now - key.last_used_at > FRESH:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


def digest(text: str) -> str:
    """SHA-256, hex."""
    return hashlib.sha256(text.encode()).hexdigest()
