"""The server itself: who may come in, how it is, where its pages are."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix
from ninja import Form, Router
from ninja.errors import HttpError

from compat_api.auth import (
    accounts,
    authentication,
    callers,
    tokens,
    workspace_access,
)
from compat_api.auth import login as attempts
from compat_api.auth.callers import Refused
from compat_api.auth.permissions import POLL
from compat_api.lightrag import health
from compat_api.lightrag.schemas.system import (
    AuthStatus,
    LoginAnswer,
    LoginForm,
    Verified,
)

router = Router(tags=["default"])
GUEST_ACCESS = "Authentication is disabled. Using guest access."


@router.get("/", auth=None, include_in_schema=False)
def go_to_pages(request: HttpRequest) -> HttpResponse:
    """To the web UI, else to the API's documentation, else a sign of life."""
    for path in ("webui/", "docs"):
        if health.has_page(path):
            location = f"{get_script_prefix()}{path}"
            return HttpResponse(status=307, headers={"Location": location})
    raise HttpError(404, "Not Found")


@router.get("/auth-status", auth=None, response=AuthStatus, exclude_unset=True)
def auth_status(request: HttpRequest) -> dict[str, Any]:
    """Whether one logs in by `/login`; else a guest's token, which opens no closed server."""
    if accounts.are_enabled():
        mode = {"auth_configured": True, "auth_mode": "enabled"}
        return mode | health.versions()
    return {"auth_configured": False, **guest()}


@router.post("/login", auth=None, response=LoginAnswer, exclude_unset=True)
def login(request: HttpRequest, form: Form[LoginForm]) -> dict[str, Any]:
    """A token for a name and its password; where there are no accounts, a guest's.

    Who fails too often must wait: 429, and `Retry-After` in seconds.
    """
    if not accounts.are_enabled():
        return guest()
    name, password = form.username, form.password
    account = attempts.attempt(
        request, name, lambda: accounts.check_password(request, name, password)
    )
    if account is None:
        raise Refused(401, "Incorrect credentials")
    attempts.record_success(request, name, account.kind)
    token = tokens.issue(account.name, kind=account.kind, state=account.state)
    mode = {"token_type": "bearer", "auth_mode": "enabled"}
    return {"access_token": token, **mode, **health.versions()}


def guest() -> dict[str, Any]:
    """A guest's token, and what goes with it."""
    return {
        "access_token": tokens.issue_guest(),
        "token_type": "bearer",
        "auth_mode": "disabled",
        "message": GUEST_ACCESS,
        **health.versions(),
    }


@router.get("/auth/verify", auth=None, response=Verified)
def verify(request: HttpRequest) -> dict[str, Any]:
    """Whether the credentials are good, wherever WHITELIST_PATHS may lead."""
    authentication.verify(request)
    return {"status": "ok"}


@router.get(
    "/health",
    auth=POLL,
    response=dict[str, Any],
)
def get_health(request: HttpRequest) -> dict[str, Any]:
    """Alive, and what it does; for trusted callers how it is set up, too."""
    workspace = health.reachable(lambda: workspace_access.workspace_or_default(request))
    alive = health.liveness(workspace)
    if not callers.of(request).trusted:
        return alive
    return alive | health.details(workspace)
