"""`manage.py mcp`: the MCP server on standard input and output, for programs beside it."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from compat_api.auth.callers import Caller
from compat_api.mcp import transport
from compat_api.mcp.server import server
from compat_api.mcp.transport import Entered
from documents.models import Workspace
from documents.workspaces import actor, lookup
from documents.workspaces.actor import Kind
from documents.workspaces.lookup import UnknownWorkspace

OPERATOR = Caller(Kind.COMMAND, "mcp")
"""Whoever may start it could do all of it by hand."""


class Command(BaseCommand):
    help = "Serve MCP on standard input and output, on the running server's database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--workspace", default="", help="the default one's if not given"
        )

    def handle(self, *, workspace: str, **options: object) -> None:
        """Until standard input ends."""
        transport.begin(Entered(chosen(workspace), OPERATOR, actor.current()))
        asyncio.run(server.run_stdio_async())


def chosen(name: str) -> Workspace:
    """The workspace of that name; the default one is made when it is missing."""
    if not name:
        return lookup.ensure("")
    try:
        return lookup.get(name)
    except UnknownWorkspace as error:
        raise CommandError(str(error)) from error
