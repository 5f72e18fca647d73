"""Callers of the APIs: their roles, and the selection of a request's workspace."""

from __future__ import annotations

import ipaddress
from contextvars import Token
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from compat_api.models import Role
from documents.models import Workspace
from documents.workspaces import audit, lookup
from documents.workspaces.audit import Actor, ActorProvider, Kind
from documents.workspaces.lookup import UnknownWorkspace
from retrieval.db_thread import run_in_db
from retrieval.query import question_slots

WORKSPACE_HEADER = "LIGHTRAG-WORKSPACE"


class Refused(Exception):
    """The caller is not authenticated or not authorized."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class Forbidden(Refused):
    """The caller is known, but lacks the permission."""

    def __init__(self, detail: str) -> None:
        super().__init__(403, detail)


class TooMany(Refused):
    """The caller exceeded a rate limit; `retry_after` is in seconds."""

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(429, detail)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Caller:
    """An admitted caller.

    `workspaces` contains ids; None means all. A `trusted` caller may see the server's
    configuration. `per_minute` is the caller's own limit of requests; None means
    REQUESTS_PER_MINUTE.
    """

    kind: Kind
    name: str
    role: Role = Role.ADMIN
    workspaces: frozenset[int] | None = None
    trusted: bool = True
    per_minute: int | None = None

    def require(self, role: Role) -> None:
        """Raise Forbidden unless the caller has at least this role."""
        if self.role < role:
            raise Forbidden(
                f"This needs the role '{role.word}'; '{self.name}' has the role "
                f"'{self.role.word}'."
            )

    @property
    def is_anonymous(self) -> bool:
        """Whether only the network address distinguishes this caller from others."""
        return self.kind in (Kind.ANYONE, Kind.GUEST)

    def may_access(self, workspace_id: int) -> bool:
        """Return whether the caller may use this workspace."""
        return self.workspaces is None or workspace_id in self.workspaces


ANYONE = Caller(Kind.ANYONE, "anyone", trusted=False)
"""Caller of a path in WHITELIST_PATHS."""
GUEST = Caller(Kind.GUEST, "guest")
"""Caller of a server that requires no authentication."""
SERVER_KEY = Caller(Kind.KEY, "LIGHTRAG_API_KEY")


def remember(request: HttpRequest, caller: Caller) -> Caller:
    """Store the caller with the request, and for the queue of questions."""
    name = f"@{address_of(request)}" if caller.is_anonymous else caller.name
    question_slots.caller.set(name)
    request.caller = caller  # type: ignore[attr-defined]
    return caller


def of(request: HttpRequest) -> Caller:
    """Return the caller of the request; raise Refused if it was not authenticated."""
    caller = getattr(request, "caller", None)
    if not isinstance(caller, Caller):
        raise Refused(401, "No credentials provided. Please login.")
    return caller


def address_of(request: HttpRequest) -> str:
    """Return the client's network address.

    For a proxy named in FORWARDED_ALLOW_IPS this is the address of the proxy's client;
    empty if the proxy sent a text that is no address.
    """
    text = str(request.META.get("REMOTE_ADDR") or "")
    return text if _ip_address(text) else ""


def network_of(request: HttpRequest) -> str:
    """Return the network for which attempts are counted: an IPv6 /64, or the address.

    One IPv6 client can use every address of its /64.
    """
    text = address_of(request)
    address = _ip_address(text)
    if not isinstance(address, ipaddress.IPv6Address):
        return text
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address, 64), strict=False))


def _ip_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def actor_of(request: HttpRequest) -> Actor:
    """Return the caller for the audit log; the logged-in user if it is anonymous."""
    address = address_of(request)
    caller = getattr(request, "caller", ANYONE)
    user = getattr(request, "user", None)
    if caller.is_anonymous and user is not None and user.is_authenticated:
        return Actor(Kind.USER, user.get_username(), address)
    return Actor(caller.kind, caller.name, address)


def set_actor(request: HttpRequest) -> Token[ActorProvider]:
    """Attribute what happens in this context to the caller of the request."""
    return audit.set_provider(lambda: actor_of(request))


def workspace(request: HttpRequest, named: str = "") -> Workspace:
    """Return the workspace `named`, else that of the header, else the caller's default.

    Raises UnknownWorkspace. Raises Forbidden for a workspace that the caller may not use,
    whether or not it exists.
    """
    caller = of(request)
    name = named or request.headers.get(WORKSPACE_HEADER, "")
    if not name.strip():
        return default_of(caller)
    try:
        selected = by_name(name)
    except UnknownWorkspace:
        if caller.workspaces is not None:
            raise forbidden(caller, name) from None
        raise
    if not caller.may_access(selected.pk):
        raise forbidden(caller, name)
    return selected


def default_of(caller: Caller) -> Workspace:
    """Return the server's default workspace, or the only one the caller may use."""
    if caller.workspaces is not None and len(caller.workspaces) == 1:
        return lookup.by_id(next(iter(caller.workspaces)))
    default = by_name("")
    if not caller.may_access(default.pk):
        raise forbidden(caller, default.name)
    return default


def by_name(name: str) -> Workspace:
    """Return a workspace; only the server's default is created if it does not exist."""
    clean = lookup.clean_name(name)
    if clean == lookup.clean_name(settings.LIGHTRAG.server.workspace):
        return lookup.ensure(clean)
    return lookup.get(clean)


def forbidden(caller: Caller, name: str) -> Forbidden:
    """Return the error for a workspace that the caller may not use."""
    clean = lookup.clean_name(name)
    return Forbidden(f"'{caller.name}' may not use the workspace '{clean}'.")


def workspace_or_default(request: HttpRequest) -> Workspace:
    """Return `workspace`, or the server's default if the caller may not use it.

    For public information. Raises UnknownWorkspace.
    """
    try:
        return workspace(request)
    except Forbidden:
        return by_name("")


async def workspace_async(request: HttpRequest, named: str = "") -> Workspace:
    """Return `workspace`, for async views."""
    return await run_in_db(workspace, request, named)
