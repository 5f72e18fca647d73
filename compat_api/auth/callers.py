"""Who calls: what they may do, and which workspaces they may enter."""

from __future__ import annotations

from contextvars import Token
from dataclasses import dataclass

from django.http import HttpRequest

from compat_api.models import Role
from documents.workspaces import actor
from documents.workspaces.actor import Actor, Kind, Who


class Refused(Exception):
    """The caller may not pass."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class Forbidden(Refused):
    """The caller is known, and may not do this."""

    def __init__(self, detail: str) -> None:
        super().__init__(403, detail)


class TooMany(Refused):
    """The caller has asked too often, and may ask again after `retry_after` seconds."""

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(429, detail)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who was let in.

    `workspaces` holds their ids, None stands for all. `trusted`: has shown who it is (or
    nobody has to), and may see how the server is set up. `per_minute`: requests, None
    for the server's own limit.
    """

    kind: Kind
    name: str
    right: Role = Role.ADMIN
    workspaces: frozenset[int] | None = None
    trusted: bool = True
    per_minute: int | None = None

    def require(self, right: Role) -> None:
        """Raises Forbidden."""
        if self.right < right:
            raise Forbidden(
                f"This needs the right '{right.word}', and '{self.name}' has "
                f"'{self.right.word}'."
            )

    @property
    def is_nameless(self) -> bool:
        """Whether only the address tells this caller from others."""
        return self.kind in (Kind.ANYONE, Kind.GUEST)

    def may_enter(self, workspace_id: int) -> bool:
        """Whether this workspace is among the caller's."""
        return self.workspaces is None or workspace_id in self.workspaces


ANYONE = Caller(Kind.ANYONE, "anyone", trusted=False)
"""Let in by WHITELIST_PATHS, which opens a path whole."""
GUEST = Caller(Kind.GUEST, "guest")
"""Of a server that asks nobody for anything."""
KEY_HOLDER = Caller(Kind.KEY, "LIGHTRAG_API_KEY")


def remember(request: HttpRequest, caller: Caller) -> Caller:
    """Keep with the request who makes it."""
    request.caller = caller  # type: ignore[attr-defined]
    return caller


def of(request: HttpRequest) -> Caller:
    """Who makes the request; raises Refused where no door has asked."""
    caller = getattr(request, "caller", None)
    if not isinstance(caller, Caller):
        raise Refused(401, "No credentials provided. Please login.")
    return caller


def address_of(request: HttpRequest) -> str:
    """The network address it came from; that of a proxy's client where the proxy is one
    that FORWARDED_ALLOW_IPS names."""
    return str(request.META.get("REMOTE_ADDR") or "")


def actor_of(request: HttpRequest) -> Actor:
    """The caller for the audit trail; for one without a name, whoever is logged in."""
    address = address_of(request)
    caller = getattr(request, "caller", ANYONE)
    user = getattr(request, "user", None)
    if caller.is_nameless and user is not None and user.is_authenticated:
        return Actor(Kind.USER, user.get_username(), address)
    return Actor(caller.kind, caller.name, address)


def answer_for(request: HttpRequest) -> Token[Who]:
    """What is done from now on is done by whoever makes this request."""
    return actor.ask(lambda: actor_of(request))
