"""`manage.py hash_password`: a password as AUTH_ACCOUNTS takes it (`{bcrypt}…`)."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from compat_api.auth import passwords


class Command(BaseCommand):
    help = "Hash a password for AUTH_ACCOUNTS, as lightrag-hash-password does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--username", default="", help="print `username:{bcrypt}…`")

    def handle(self, *, username: str, **options: object) -> None:
        """Asked for twice on a terminal, else read from standard input's first line."""
        try:
            hashed = passwords.hashed(typed() if sys.stdin.isatty() else piped())
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{username}:{hashed}" if username else hashed)


def typed() -> str:
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("Once more: "):
        raise CommandError("The two are not the same.")
    return checked(password)


def piped() -> str:
    return checked(sys.stdin.readline().rstrip("\r\n"))


def checked(password: str) -> str:
    if not password:
        raise CommandError("The password is empty.")
    return password
