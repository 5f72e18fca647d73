"""`manage.py api_key create|list|revoke`: named API keys from the command line."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from compat_api.auth import api_keys
from compat_api.auth.api_keys import KeyNameTaken, NewKey, UnknownKey
from compat_api.models import ApiKey, Role
from documents.models import Workspace
from documents.workspaces import lookup
from documents.workspaces.lookup import UnknownWorkspace

ROLES = {role.word: role for role in Role if role}


class Command(BaseCommand):
    """The command."""

    help = "Create, list and revoke named API keys."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the sub-commands; `make` and `--right` are aliases from version 0.1.0."""
        actions = parser.add_subparsers(
            dest="action", required=True, metavar="{create,list,revoke}"
        )
        add_create_arguments(actions.add_parser("create", help="print a new API key"))
        add_create_arguments(actions.add_parser("make"))
        actions.add_parser("list", help="list all API keys")
        revoke = actions.add_parser("revoke", help="make an API key invalid")
        revoke.add_argument("name")

    def handle(self, *, action: str, **options: Any) -> None:
        """Run a sub-command."""
        try:
            getattr(self, action)(**options)
        except (KeyNameTaken, UnknownKey, UnknownWorkspace) as error:
            raise CommandError(str(error)) from error

    def create(self, *, name: str, role: str, **options: Any) -> None:
        """Create a key. Standard output gets the key and nothing else."""
        days = options["days"]
        new = NewKey(
            name,
            ROLES[role],
            find_workspaces(options["workspace"]),
            timezone.now() + timedelta(days=days) if days else None,
            options["per_minute"],
        )
        _, text = api_keys.create(new)
        self.stderr.write("Save this API key now. It cannot be shown again:")
        self.stdout.write(text)

    make = create

    def list(self, **options: Any) -> None:
        """Print a line for each key."""
        for key in ApiKey.objects.prefetch_related("workspaces"):
            self.stdout.write(line(key))

    def revoke(self, *, name: str, **options: Any) -> None:
        """Revoke a key."""
        api_keys.revoke(name)
        self.stdout.write(f"API key '{name}' revoked.")


def add_create_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of `create`."""
    parser.add_argument("name")
    parser.add_argument("--role", choices=ROLES, default="read", help="read if omitted")
    parser.add_argument(
        "--right", dest="role", choices=ROLES, default=SUPPRESS, help=SUPPRESS
    )
    parser.add_argument(
        "--workspace",
        action="append",
        metavar="NAME",
        help="workspace the key gives access to; may be repeated; all if omitted",
    )
    parser.add_argument("--days", type=int, help="days until the key expires")
    parser.add_argument("--per-minute", type=int, help="limit of requests per minute")


def find_workspaces(names: Sequence[str] | None) -> list[Workspace] | None:
    """Return the workspaces, None for all; raise UnknownWorkspace."""
    return [lookup.get(name) for name in names] if names else None


def line(key: ApiKey) -> str:
    """Return the columns of a key, separated by tabs."""
    names = "all" if key.all_workspaces else " ".join(map(str, key.workspaces.all()))
    used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never used"
    role = Role(key.role).word
    return "\t".join([key.name, f"{key.prefix}…", role, names or "-", key.state, used])
