"""What goes in and out of `/health`, `/login` and their like (docs/lightrag.md A.1)."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field


class Versions(Schema):
    """What every one of these answers says."""

    core_version: str
    api_version: str
    webui_title: str | None = None
    webui_description: str | None = None
    ai_content_notice_enabled: bool = False


class AuthStatus(Versions):
    """Whether callers are asked who they are; a guest's token where they are not."""

    auth_configured: bool
    auth_mode: str
    access_token: str | None = None
    token_type: str | None = None
    message: str | None = None


class LoginForm(Schema):
    """OAuth2's password form."""

    username: str
    password: str
    grant_type: str | None = Field(None, pattern="^password$")
    scope: str = ""
    client_id: str | None = None
    client_secret: str | None = None


class LoginAnswer(Versions):
    """A token."""

    access_token: str
    token_type: str
    auth_mode: str
    message: str | None = None


class Verified(Schema):
    """The credentials are good."""

    status: str = "ok"
