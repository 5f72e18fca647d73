"""Accounts that log in by `/login`: AUTH_ACCOUNTS and Django's users.

An account of AUTH_ACCOUNTS has the role admin, as in LightRAG. The role of a Django user
follows from the user's permissions and those of the user's groups.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from compat_api.auth import ended_logins, passwords
from compat_api.auth.callers import Caller
from compat_api.auth.tokens import Token
from compat_api.models import Role
from documents.workspaces.audit import Kind

CRUD = ("add", "change", "delete")
REQUIRED_PERMISSIONS: dict[Role, tuple[str, ...]] = {
    Role.READ: ("documents.view_document", "graph.view_entity"),
    Role.WRITE: (
        *(f"documents.{verb}_document" for verb in CRUD),
        *(f"graph.{verb}_{model}" for verb in CRUD for model in ("entity", "relation")),
    ),
    Role.ADMIN: tuple(f"documents.{verb}_workspace" for verb in CRUD),
}
"""Django's permissions that make up a role, in addition to those of the roles before it."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account whose password was correct; `state` identifies that password."""

    name: str
    kind: Kind
    state: str


def are_enabled() -> bool:
    """Return whether `/login` accepts accounts."""
    access = settings.LIGHTRAG.access
    return bool(access.accounts) or access.require_login


def check_password(request: HttpRequest, name: str, password: str) -> Account | None:
    """Return the account with this name and password, or None.

    Takes the same time for every wrong pair.
    """
    stored = _stored_password(name)
    if passwords.matches(password, stored):
        return Account(name, Kind.ACCOUNT, _state(stored or ""))
    user = authenticate(request, username=name, password=password)
    return Account(name, Kind.USER, _state_of(user)) if isinstance(user, User) else None


def caller_of(token: Token) -> Caller | None:
    """Return the caller of a token.

    None if the login was ended, the account is gone, or its password has changed.
    """
    if ended_logins.is_ended(token):
        return None
    if token.kind == Kind.USER:
        users = get_user_model().objects
        user = users.filter(username=token.subject, is_active=True).first()
        if user is None or not constant_time_compare(token.state, _state_of(user)):
            return None
        return Caller(Kind.USER, token.subject, role_of(user))
    stored = _stored_password(token.subject)
    if stored is None or not _is_current(token.state, stored):
        return None
    return Caller(Kind.ACCOUNT, token.subject)


def role_of(user: User) -> Role:
    """Return the highest role whose permissions, and those of lower roles, the user has."""
    role = Role.NONE
    for candidate, permissions in REQUIRED_PERMISSIONS.items():
        if not user.has_perms(permissions):
            break
        role = candidate
    return role


def _stored_password(name: str) -> str | None:
    accounts = settings.LIGHTRAG.access.accounts
    return next((item.password for item in accounts if item.name == name), None)


def _is_current(state: str, stored: str) -> bool:
    """Return whether the password is unchanged; LightRAG's own tokens have no state."""
    return not state or constant_time_compare(state, _state(stored))


def _state(stored: str) -> str:
    digest = salted_hmac("compat_api.accounts", stored, algorithm="sha256")
    return digest.hexdigest()[:16]


def _state_of(user: User) -> str:
    return user.get_session_auth_hash()[:16]
