"""The site below a path of a proxy's, whether the proxy takes that path off or not."""

from __future__ import annotations

from compat_api.http.asgi import Application, Receive, Scope, Send


class UrlPrefix:
    """ASGI middleware: the prefix is put into links and taken off requests."""

    def __init__(self, application: Application, prefix: str) -> None:
        self._application = application
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as if there were no prefix, but for `root_path`."""
        path = scope.get("path", "")
        if path == self._prefix or path.startswith(f"{self._prefix}/"):
            path = path.removeprefix(self._prefix) or "/"
        await self._application(
            {**scope, "path": path, "root_path": self._prefix}, receive, send
        )
