"""A database of its own for a measurement, kept between runs."""

from __future__ import annotations

from pathlib import Path

import django
import psycopg
from django.conf import settings
from django.core.management import call_command

from tests import shared_postgres


def use(folder: Path, name: str) -> shared_postgres.PostgresServer:
    """Start PostgreSQL in `folder`, and point Django at its database `name`.

    Call `cleanup` of what is returned when done.
    """
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    server = shared_postgres.start(folder)
    where = f"host={folder} user=postgres dbname=postgres"
    with psycopg.connect(where, autocommit=True) as connection:
        found = connection.execute(
            "SELECT FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
        if found is None:
            made = psycopg.sql.SQL("CREATE DATABASE {}")
            connection.execute(made.format(psycopg.sql.Identifier(name)))
    settings.DATABASES["default"].update(
        HOST=str(folder), USER="postgres", NAME=name, PORT=""
    )
    django.setup()
    call_command("migrate", verbosity=0)
    return server
