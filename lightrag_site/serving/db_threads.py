"""The threads in which a web process reads its database.

Django gives each request a thread of its own, which a stream would keep to its end: two
hundred open streams are two hundred idle threads, and as many at once on one lock.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from compat_api.http.asgi import Application, Receive, Scope, Send
from retrieval import db_thread

THREADS = 16
"""Python runs one at a time; the others wait for PostgreSQL."""


class SharedThreads:
    """ASGI middleware: database steps of async requests run in these few threads."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="database")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        db_thread.executor.set(self._threads)
        await self._application(scope, receive, send)
