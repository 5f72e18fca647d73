"""Logging in with a name and a password: the same at `/login`, on the pages, in the admin.

Failures and lockouts go into the audit trail, and so do logins.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest

from compat_api.auth import callers, lockout
from compat_api.auth.lockout import LockedOut
from documents.workspaces import actor, audit
from documents.workspaces.actor import Actor, Kind
from documents.workspaces.audit import Action

Known = TypeVar("Known")


def attempt(
    request: HttpRequest, name: str, look: Callable[[], Known | None]
) -> Known | None:
    """What `look` finds behind a name and a password, None for a wrong one.

    Raises LockedOut, without looking, for an address that failed too often with it. Call
    `welcome` once the one who was found may come in.
    """
    address = callers.address_of(request)
    try:
        lockout.attempt(address, name)
    except LockedOut as error:
        if error.first:
            audit.record(Action.LOGIN_LOCKED, name)
        raise
    found = look()
    if found is None:
        audit.record(Action.LOGIN_FAILED, name)
    return found


def welcome(request: HttpRequest, name: str, kind: Kind) -> None:
    """Somebody is in: what failed before is forgotten."""
    address = callers.address_of(request)
    lockout.succeeded(address, name)
    with actor.acting(Actor(kind, name, address)):
        audit.record(Action.LOGIN, name)
