"""`manage.py hash_password`: hash a password for AUTH_ACCOUNTS (`{bcrypt}…`)."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from compat_api.auth import passwords


class Command(BaseCommand):
    """The command."""

    help = "Hash a password for AUTH_ACCOUNTS, as lightrag-hash-password does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--username", default="", help="print `username:{bcrypt}…`")

    def handle(self, *, username: str, **options: object) -> None:
        """Ask for the password twice on a terminal, else read a line of standard input."""
        try:
            hashed = passwords.hashed(ask() if sys.stdin.isatty() else read_line())
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{username}:{hashed}" if username else hashed)


def ask() -> str:
    """Read the password twice from the terminal; raise CommandError."""
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("Repeat password: "):
        raise CommandError("The passwords do not match.")
    return require_text(password)


def read_line() -> str:
    """Read the password from standard input; raise CommandError."""
    return require_text(sys.stdin.readline().rstrip("\r\n"))


def require_text(password: str) -> str:
    """Return the password; raise CommandError if it is empty."""
    if not password:
        raise CommandError("The password is empty.")
    return password
