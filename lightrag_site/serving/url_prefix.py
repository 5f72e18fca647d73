"""URL prefix of the site behind a proxy, whether or not the proxy removes it."""

from __future__ import annotations

from compat_api.http.asgi import Application, Receive, Scope, Send


class UrlPrefix:
    """ASGI middleware that removes the prefix from paths and adds it to links."""

    def __init__(self, application: Application, prefix: str) -> None:
        self._application = application
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on without the prefix, which becomes `root_path`."""
        path = scope.get("path", "")
        if path == self._prefix or path.startswith(f"{self._prefix}/"):
            path = path.removeprefix(self._prefix) or "/"
        await self._application(
            {**scope, "path": path, "root_path": self._prefix}, receive, send
        )


class SingleSlash:
    """ASGI middleware that removes repeated slashes at the beginning of paths.

    Clients that join a base URL with a slash at its end to a path send `//v1/models`.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a single slash."""
        path = scope.get("path", "")
        if path.startswith("//"):
            scope = {**scope, "path": f"/{path.lstrip('/')}"}
        await self._application(scope, receive, send)


class FullPath:
    """ASGI middleware directly around Django, which expects `root_path` in the path."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with the prefix in its path."""
        path = scope.get("root_path", "") + scope.get("path", "")
        await self._application({**scope, "path": path}, receive, send)
