"""Pages of other origins: whose scripts may call us from a browser (docs/lightrag.md A.0).

Around everything that answers, so that a refused body, a stream and MCP are readable
there, too: a browser hides an error without these headers from the script that asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from starlette.middleware.cors import CORSMiddleware

from compat_api.http.asgi import Application, Receive, Scope, Send

PAGES = ("/admin/", "/webui/")
"""People's pages are nothing for the scripts of other sites."""
EXPOSED = ("X-New-Token", "Retry-After", "X-Request-ID", "Mcp-Session-Id")


class CrossOrigin:
    """ASGI middleware: any method and header for these origins, `*` being all of them.

    Cookies and passwords of a browser go along only where the origins are named.
    """

    def __init__(self, application: Application, origins: Sequence[str]) -> None:
        self._application = application
        self._shared: Any = CORSMiddleware(
            cast("Any", application),
            allow_origins=origins,
            allow_credentials="*" not in origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=EXPOSED,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; a browser's question beforehand is answered here."""
        is_page = scope.get("path", "").startswith(PAGES)
        handler = self._application if is_page else self._shared
        await handler(scope, receive, send)
