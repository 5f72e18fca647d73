"""Threads in which a web process accesses its database.

Django gives each request its own thread, which a stream would keep until its end: two
hundred open streams would be two hundred idle threads that compete for one lock.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from compat_api.http.asgi import Application, Receive, Scope, Send
from retrieval import db_thread

THREADS = 16
"""Number of threads. Python runs one at a time; the others wait for PostgreSQL."""


class SharedThreads:
    """ASGI middleware that lets all requests share a few database threads."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="database")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        db_thread.executor.set(self._threads)
        await self._application(scope, receive, send)
