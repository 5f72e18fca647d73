"""Connection parameters of the database and the broker."""

from __future__ import annotations

from pathlib import Path

import pytest

from lightrag_site.configuration import databases, environment
from lightrag_site.errors import SettingError


def test_by_default_both_use_sockets_in_the_working_directory(
    tmp_path: Path,
) -> None:
    config = environment.read({"WORKING_DIR": "/w"}, tmp_path)
    assert databases.django_database(config)["HOST"] == "/w/postgres"
    assert databases.redis_url(config) == "unix:///w/valkey/valkey.sock"
    assert databases.broker_url(config) == "redis+socket:///w/valkey/valkey.sock"


def test_sockets_are_elsewhere_if_the_path_is_too_long(tmp_path: Path) -> None:
    config = environment.read({"WORKING_DIR": f"/{'w' * 120}"}, tmp_path)
    assert len(databases.django_database(config)["HOST"]) < 90
    assert len(databases.redis_url(config)) < 90


def test_database_url_is_parsed_with_its_options(tmp_path: Path) -> None:
    url = "postgres://u:p%40ss@db.example:5433/rag?sslmode=require"
    parameters = databases.django_database(
        environment.read({"DATABASE_URL": url}, tmp_path)
    )
    assert (parameters["HOST"], parameters["PORT"], parameters["NAME"]) == (
        "db.example",
        "5433",
        "rag",
    )
    assert parameters["PASSWORD"] == "p@ss"
    assert parameters["OPTIONS"]["sslmode"] == "require"


def test_lightrags_postgres_variables_are_read(tmp_path: Path) -> None:
    environ = {"POSTGRES_USER": "u", "POSTGRES_PASSWORD": "p", "POSTGRES_DATABASE": "d"}
    parameters = databases.django_database(environment.read(environ, tmp_path))
    assert (parameters["HOST"], parameters["USER"], parameters["NAME"]) == (
        "localhost",
        "u",
        "d",
    )


def test_an_invalid_url_is_reported_without_its_password(tmp_path: Path) -> None:
    config = environment.read({"DATABASE_URL": "mysql://u:hush@x/y"}, tmp_path)
    with pytest.raises(SettingError, match="DATABASE_URL") as caught:
        databases.django_database(config)
    assert "hush" not in str(caught.value)
