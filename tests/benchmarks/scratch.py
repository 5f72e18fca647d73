"""A database for one measurement, kept between runs."""

from __future__ import annotations

from pathlib import Path

import django
import psycopg
from django.conf import settings
from django.core.management import call_command

from tests import shared_postgres


def use(folder: Path, name: str) -> shared_postgres.PostgresServer:
    """Start PostgreSQL in `folder` and make Django use its database `name`.

    Call `cleanup` on the returned server when done.
    """
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    server = shared_postgres.start(folder)
    conninfo = f"host={folder} user=postgres dbname=postgres"
    with psycopg.connect(conninfo, autocommit=True) as connection:
        row = connection.execute(
            "SELECT FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
        if row is None:
            statement = psycopg.sql.SQL("CREATE DATABASE {}")
            connection.execute(statement.format(psycopg.sql.Identifier(name)))
    settings.DATABASES["default"].update(
        HOST=str(folder), USER="postgres", NAME=name, PORT=""
    )
    django.setup()
    call_command("migrate", verbosity=0)
    return server
