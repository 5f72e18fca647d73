"""`manage.py end_logins NAME`: end all logins of an account or a user."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from compat_api.auth import ended_logins


class Command(BaseCommand):
    """End all tokens and sessions of a name."""

    help = "End all logins of an account of AUTH_ACCOUNTS or of a Django user."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the name."""
        parser.add_argument("name")

    def handle(self, *, name: str, **options: Any) -> None:
        """End the logins."""
        sessions = ended_logins.end_all(name)
        self.stdout.write(f"Ended the tokens and {sessions} sessions of '{name}'.")
