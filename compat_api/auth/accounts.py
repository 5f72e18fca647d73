"""People who log in by `/login`: those of AUTH_ACCOUNTS, and Django's users.

An account of AUTH_ACCOUNTS may do everything, as upstream. What a Django user may do
follows from permissions, his own and his groups': each right asks for all of its list.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from compat_api.auth import passwords
from compat_api.auth.callers import Caller
from compat_api.auth.tokens import Token
from compat_api.models import Role
from documents.workspaces.actor import Kind

CRUD = ("add", "change", "delete")
NEEDED: dict[Role, tuple[str, ...]] = {
    Role.READ: ("documents.view_document", "graph.view_entity"),
    Role.WRITE: (
        *(f"documents.{verb}_document" for verb in CRUD),
        *(f"graph.{verb}_{what}" for verb in CRUD for what in ("entity", "relation")),
    ),
    Role.ADMIN: tuple(f"documents.{verb}_workspace" for verb in CRUD),
}
"""Django's permissions that make a right; each right needs those before it too."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody whose password was right."""

    name: str
    kind: Kind
    state: str


def are_on() -> bool:
    """Whether anybody can log in by `/login`."""
    access = settings.LIGHTRAG.access
    return bool(access.accounts) or access.require_login


def open_with(request: HttpRequest, name: str, password: str) -> Account | None:
    """Whose name and password these are. Takes the same time for every wrong pair."""
    kept = _kept(name)
    if passwords.fits(password, kept):
        return Account(name, Kind.ACCOUNT, _state(kept or ""))
    user = authenticate(request, username=name, password=password)
    return Account(name, Kind.USER, _state_of(user)) if isinstance(user, User) else None


def caller(token: Token) -> Caller | None:
    """Who holds a token, if he still may come in; None where he may not."""
    if token.kind == Kind.USER:
        users = get_user_model().objects
        user = users.filter(username=token.subject, is_active=True).first()
        if user is None or not constant_time_compare(token.state, _state_of(user)):
            return None
        return Caller(Kind.USER, token.subject, right_of(user))
    kept = _kept(token.subject)
    if kept is None or not _is_current(token.state, kept):
        return None
    return Caller(Kind.ACCOUNT, token.subject)


def right_of(user: User) -> Role:
    """The strongest right whose permissions, and those of all before it, the user has."""
    found = Role.NONE
    for right, permissions in NEEDED.items():
        if not user.has_perms(permissions):
            break
        found = right
    return found


def _kept(name: str) -> str | None:
    known = {one.name: one.password for one in settings.LIGHTRAG.access.accounts}
    return known.get(name)


def _is_current(state: str, kept: str) -> bool:
    """Tokens that upstream made say nothing of the password."""
    return not state or constant_time_compare(state, _state(kept))


def _state(kept: str) -> str:
    return salted_hmac("compat_api.accounts", kept, algorithm="sha256").hexdigest()[:16]


def _state_of(user: User) -> str:
    return user.get_session_auth_hash()[:16]
