"""`manage.py api_key make|list|revoke`: named API keys from the command line."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from compat_api.auth import api_keys
from compat_api.auth.api_keys import KeyNameTaken, UnknownKey, Wanted
from compat_api.models import ApiKey, Role
from documents.models import Workspace
from documents.workspaces import lookup
from documents.workspaces.lookup import UnknownWorkspace

RIGHTS = {right.word: right for right in Role if right}


class Command(BaseCommand):
    help = "Make, list and revoke named API keys."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        make = actions.add_parser("make", help="print a new key, once")
        make.add_argument("name")
        make.add_argument("--right", choices=RIGHTS, default="read")
        make.add_argument(
            "--workspace",
            action="append",
            metavar="NAME",
            help="one it opens; may be given again; all if left out",
        )
        make.add_argument("--days", type=int, help="after which it ends")
        make.add_argument("--per-minute", type=int, help="requests it may make")
        actions.add_parser("list", help="tell what keys there are")
        actions.add_parser("revoke", help="close a key for good").add_argument("name")

    def handle(self, *, action: str, **options: Any) -> None:
        try:
            getattr(self, action)(**options)
        except (KeyNameTaken, UnknownKey, UnknownWorkspace) as error:
            raise CommandError(str(error)) from error

    def make(self, *, name: str, right: str, **options: Any) -> None:
        """The key is all that standard output gets."""
        days = options["days"]
        wanted = Wanted(
            name,
            RIGHTS[right],
            opened(options["workspace"]),
            timezone.now() + timedelta(days=days) if days else None,
            options["per_minute"],
        )
        _, text = api_keys.make(wanted)
        self.stderr.write("The key, which cannot be shown again:")
        self.stdout.write(text)

    def list(self, **options: Any) -> None:
        """One line a key."""
        for key in ApiKey.objects.prefetch_related("workspaces"):
            self.stdout.write(line(key))

    def revoke(self, *, name: str, **options: Any) -> None:
        api_keys.revoke(name)
        self.stdout.write(f"'{name}' opens nothing any more.")


def opened(names: Sequence[str] | None) -> list[Workspace] | None:
    """Raises UnknownWorkspace."""
    return [lookup.get(name) for name in names] if names else None


def line(key: ApiKey) -> str:
    opens = "all" if key.all_workspaces else " ".join(map(str, key.workspaces.all()))
    used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never used"
    word = Role(key.right).word
    return "\t".join([key.name, f"{key.begins}…", word, opens or "-", key.state, used])
