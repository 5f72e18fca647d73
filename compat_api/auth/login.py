"""Login with a name and a password, shared by `/login`, the pages and the admin.

Logins, failures and lockouts are recorded in the audit log.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest

from compat_api.auth import callers, lockout
from compat_api.auth.lockout import LockedOut
from documents.workspaces import audit
from documents.workspaces.audit import Action, Actor, Kind

Account = TypeVar("Account")


def attempt(
    request: HttpRequest, name: str, check: Callable[[], Account | None]
) -> Account | None:
    """Return the account that `check` finds, or None for a wrong password.

    Raises LockedOut, without a check, after too many failures of this network or name.
    Call `record_success` once the account is known to be allowed to log in.
    """
    try:
        lockout.count_attempt(callers.network_of(request), name)
    except LockedOut as error:
        if error.first:
            audit.record(Action.LOGIN_LOCKED, name)
        raise
    account = check()
    if account is None:
        audit.record(Action.LOGIN_FAILED, name)
    return account


def record_success(request: HttpRequest, name: str, kind: Kind) -> None:
    """Reset the count of failures and record the login."""
    address = callers.address_of(request)
    lockout.reset(callers.network_of(request), name)
    with audit.acting_as(Actor(kind, name, address)):
        audit.record(Action.LOGIN, name)
