"""The server itself: login, health, and redirects to the pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix
from ninja import Form, Router
from ninja.errors import HttpError

from compat_api.auth import accounts, authentication, callers, ended_logins, tokens
from compat_api.auth import login as attempts
from compat_api.auth.callers import Refused
from compat_api.auth.permissions import POLL
from compat_api.auth.tokens import Token
from compat_api.lightrag import health
from compat_api.lightrag.schemas.system import (
    AuthStatus,
    LoginAnswer,
    LoginForm,
    Verified,
)

router = Router(tags=["default"])
GUEST_ACCESS = "Authentication is disabled. Using guest access."


@router.api_operation(["HEAD"], "/", auth=None, include_in_schema=False)
def heartbeat(request: HttpRequest) -> HttpResponse:
    """Return 200: Ollama's command line sends this request first."""
    return HttpResponse()


@router.get("/", auth=None, response={307: None})
def go_to_pages(request: HttpRequest) -> HttpResponse:
    """Redirect to the web UI, or if there is none to the API documentation."""
    for path in ("webui/", "docs"):
        if health.has_page(path):
            url = f"{get_script_prefix()}{path}"
            return HttpResponse(status=307, headers={"Location": url})
    raise HttpError(404, "Not Found")


@router.get("/auth-status", auth=None, response=AuthStatus, exclude_unset=True)
def auth_status(request: HttpRequest) -> dict[str, Any]:
    """Return whether users log in; without accounts, also a guest token.

    A guest token grants nothing on a server that requires authentication.
    """
    if accounts.are_enabled():
        mode = {"auth_configured": True, "auth_mode": "enabled"}
        return mode | health.versions()
    return {"auth_configured": False, **guest()}


@router.post("/login", auth=None, response=LoginAnswer, exclude_unset=True)
def login(request: HttpRequest, form: Form[LoginForm]) -> dict[str, Any]:
    """Return a token for a user name and password; without accounts, a guest token.

    After too many failed attempts the response is 429 with `Retry-After` in seconds.
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


@router.post("/logout", auth=None, response=Verified)
def logout(request: HttpRequest) -> dict[str, Any]:
    """End the login of the bearer token; LightRAG has no such route."""
    authentication.verify(request)
    token = getattr(request, "token", None)
    if isinstance(token, Token) and not token.is_guest:
        ended_logins.end(token)
    return {}


def guest() -> dict[str, Any]:
    """Return a guest token in the form of a login response."""
    return {
        "access_token": tokens.issue_guest(),
        "token_type": "bearer",
        "auth_mode": "disabled",
        "message": GUEST_ACCESS,
        **health.versions(),
    }


@router.get("/auth/verify", auth=None, response=Verified)
def verify(request: HttpRequest) -> dict[str, Any]:
    """Verify the credentials, also on a path listed in WHITELIST_PATHS."""
    authentication.verify(request)
    return {"status": "ok"}


@router.get(
    "/health",
    auth=POLL,
    response=dict[str, Any],
)
def get_health(request: HttpRequest) -> dict[str, Any]:
    """Return that the server is running; for trusted callers also its configuration.

    The workspace of the header counts for trusted callers only, so that others do not
    learn which workspaces exist.
    """
    is_trusted = callers.of(request).trusted
    workspace = health.workspace_if_reachable(
        lambda: (
            callers.workspace_or_default(request) if is_trusted else callers.by_name("")
        )
    )
    state = health.liveness(workspace)
    if not is_trusted:
        return state
    return state | health.details(workspace)
