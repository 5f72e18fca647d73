"""Cross-origin requests: which sites' scripts may call the APIs (docs/lightrag.md A.0).

This wraps the whole application, so that errors, streams and MCP have the headers, too:
without them a browser hides an error from the script.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from starlette.middleware.cors import CORSMiddleware

from compat_api.http.asgi import Application, Receive, Scope, Send

PAGES = ("/admin/", "/webui/")
"""Paths that scripts of other sites may not read."""
EXPOSED_HEADERS = ("X-New-Token", "Retry-After", "X-Request-ID", "Mcp-Session-Id")


class CrossOrigin:
    """ASGI middleware that allows any method and header for these origins, `*` for all.

    A browser sends cookies and credentials only if the origins are named.
    """

    def __init__(self, application: Application, origins: Sequence[str]) -> None:
        self._application = application
        self._with_cors: Any = CORSMiddleware(
            cast("Any", application),
            allow_origins=origins,
            allow_credentials="*" not in origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=EXPOSED_HEADERS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer a preflight request."""
        is_page = scope.get("path", "").startswith(PAGES)
        handler = self._application if is_page else self._with_cors
        await handler(scope, receive, send)
