"""The workspace a request is about, and database work done for async views."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection
from django.http import HttpRequest

from documents import workspaces
from documents.models import Workspace

HEADER = "LIGHTRAG-WORKSPACE"
T = TypeVar("T")


def workspace(request: HttpRequest) -> Workspace:
    """By the header, else the server's own; raises documents.workspaces.UnknownWorkspace.

    Only the server's own workspace is made when it is missing.
    """
    name = workspaces.clean_name(request.headers.get(HEADER, ""))
    if name == workspaces.clean_name(settings.LIGHTRAG.server.workspace):
        return workspaces.ensure(name)
    return workspaces.get(name)


async def workspace_async(request: HttpRequest) -> Workspace:
    """`workspace`, for async views; no database connection stays open behind it."""
    return await detached(lambda: workspace(request))


async def detached(work: Callable[[], T]) -> T:
    """Database work in a thread whose connection is given back when it is done.

    Django would keep it until the response has been sent, which for a stream is
    minutes.
    """

    def run() -> T:
        try:
            return work()
        finally:
            if not connection.in_atomic_block:
                connection.close()

    return await sync_to_async(run)()
