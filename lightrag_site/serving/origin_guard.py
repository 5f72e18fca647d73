"""Requests that other web sites cause, refused while the server requires no authentication.

A browser sends requests of any web page to a server in its network. Without a key, the
server cannot tell them from those of its user, except by `Origin` and `Host`: `Origin`
names the page's site, and a name in `Host` that the server does not know may be a name
of the site that resolves to this server (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
import json
import socket
from collections.abc import Mapping
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings

from compat_api.auth import authentication
from compat_api.http import dialects
from compat_api.http.asgi import Application, Receive, Scope, Send
from retrieval.db_thread import run_in_db

CONTAINER_HOSTS = ("host.docker.internal", "host.containers.internal")
"""Names of the host in containers; their top-level domain is reserved."""
FOREIGN_ORIGIN = (
    "Requests from {origin} are not accepted, because this server has no API key. Set"
    " LIGHTRAG_API_KEY, or name the origin in CORS_ORIGINS."
)
UNKNOWN_HOST = (
    "The host name '{host}' is unknown to this server, which has no API key. Set"
    " LIGHTRAG_API_KEY, or name the host in ALLOWED_HOSTS."
)


class OriginGuard:
    """ASGI middleware that refuses foreign origins and unknown hosts on an open server."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403 (origin) or 400 (host)."""
        status, message = (0, "") if scope["type"] != "http" else problem(scope)
        # The database is queried only for suspicious requests.
        if not status or await run_in_db(authentication.is_configured):
            await self._application(scope, receive, send)
            return
        body = json.dumps(dialects.error_body(scope["path"], message)).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await send(
            {"type": "http.response.start", "status": status, "headers": headers}
        )
        await send({"type": "http.response.body", "body": body})


def problem(scope: Scope) -> tuple[int, str]:
    """Return the status and the message of a refusal, or 0."""
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1")
        for name, value in scope["headers"]
    }
    host = headers.get("host", "")
    if not is_known_host(host):
        return 400, UNKNOWN_HOST.format(host=host[:100])
    if is_foreign(headers, host):
        origin = headers.get("origin") or "another site"
        return 403, FOREIGN_ORIGIN.format(origin=origin[:100])
    return 0, ""


def is_foreign(headers: Mapping[str, str], host: str) -> bool:
    """Return whether a page of another site caused the request.

    A link to this server is no such request. Programs send neither header.
    """
    origin = headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc.lower() != host.lower() and not is_named(origin)
    site, mode = headers.get("sec-fetch-site", ""), headers.get("sec-fetch-mode", "")
    return site in ("cross-site", "same-site") and mode != "navigate"


def is_named(origin: str) -> bool:
    """Return whether a setting names the origin."""
    access, server = settings.LIGHTRAG.access, settings.LIGHTRAG.server
    named = {*server.cors_origins, *access.csrf_trusted_origins}
    return origin in named or "*" in named


def is_known_host(host: str) -> bool:
    """Return whether the host is an address, this machine, or named in a setting."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    if not name or "*" not in settings.LIGHTRAG.access.allowed_hosts:
        return True  # Django checks ALLOWED_HOSTS
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return name == "localhost" or name.endswith(".localhost") or name in own_names()
    return True


@cache
def own_names() -> frozenset[str]:
    """Return the names of this machine, and those that settings mention."""
    access, server = settings.LIGHTRAG.access, settings.LIGHTRAG.server
    origins = (*server.cors_origins, *access.csrf_trusted_origins)
    configured = {urlsplit(origin).hostname or "" for origin in origins}
    name = socket.gethostname().lower()
    short = name.partition(".")[0]
    return frozenset(
        {
            *(name, short, f"{short}.local", socket.getfqdn().lower()),
            *(*CONTAINER_HOSTS, server.host.lower(), *configured),
        }
    )
