"""Requests and responses of `/login`, `/auth-status` and `/auth/verify`.

The fields are those of docs/lightrag.md A.1.
"""

from __future__ import annotations

from ninja import Schema
from pydantic import Field


class Versions(Schema):
    """The fields that each of these responses contains."""

    core_version: str
    api_version: str
    webui_title: str | None = None
    webui_description: str | None = None
    ai_content_notice_enabled: bool = False


class AuthStatus(Versions):
    """Whether users log in; without accounts, also a guest token."""

    auth_configured: bool
    auth_mode: str
    access_token: str | None = None
    token_type: str | None = None
    message: str | None = None


class LoginForm(Schema):
    """The form of OAuth2's password grant."""

    username: str = Field(max_length=256)
    password: str = Field(max_length=1024)
    grant_type: str | None = Field(None, pattern="^password$")
    scope: str = ""
    client_id: str | None = None
    client_secret: str | None = None


class LoginAnswer(Versions):
    """An access token."""

    access_token: str
    token_type: str
    auth_mode: str
    message: str | None = None


class Verified(Schema):
    """The credentials are valid."""

    status: str = "ok"
