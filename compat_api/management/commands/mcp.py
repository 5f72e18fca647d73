"""`manage.py mcp`: the MCP server on standard input and output, for local programs."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from compat_api.auth.callers import Caller
from compat_api.mcp import request_context
from compat_api.mcp.request_context import RequestContext
from compat_api.mcp.server import server
from documents.models import Workspace
from documents.workspaces import audit, lookup
from documents.workspaces.audit import Kind
from documents.workspaces.lookup import UnknownWorkspace
from retrieval.llm import event_loop

OPERATOR = Caller(Kind.COMMAND, "mcp")
"""A person who can run commands has access to everything anyway."""


class Command(BaseCommand):
    """The command."""

    help = "Serve MCP on standard input and output, on the running server's database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--workspace", default="", help="workspace name; the default one if omitted"
        )

    def handle(self, *, workspace: str, **options: object) -> None:
        """Serve until standard input ends."""
        context = RequestContext(find(workspace), OPERATOR, audit.current_actor())
        request_context.set_current(context)
        asyncio.run(serve())


async def serve() -> None:
    """Serve until standard input ends, then close the connections to providers."""
    try:
        await server.run_stdio_async()
    finally:
        await event_loop.close_clients()


def find(name: str) -> Workspace:
    """Return the workspace of this name; create only the default one if missing."""
    if not name:
        return lookup.ensure("")
    try:
        return lookup.get(name)
    except UnknownWorkspace as error:
        raise CommandError(str(error)) from error
