"""Tests of the roles of the embedded PostgreSQL, and of the upgrade from 0.1.0."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo

from lightrag_site.running import database_roles
from tests import scratch_postgres

OLD_OBJECTS = """
CREATE EXTENSION vector;
CREATE EXTENSION age;
CREATE TABLE documents (id bigserial PRIMARY KEY, text text);
CREATE TABLE parts (id bigint, v vector(3)) PARTITION BY LIST (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
CREATE VIEW texts AS SELECT text FROM documents;
CREATE SEQUENCE free;
CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n';
CREATE TYPE mood AS ENUM ('good');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
SET search_path = public, ag_catalog;
SELECT create_graph('workspace_1');
"""
NOT_OWNED = """
SELECT c.oid::regclass::text FROM pg_class c WHERE relowner = 10 AND c.oid >= 16384
    AND relkind IN ('r', 'p', 'v', 'S') AND relnamespace <> 'pg_toast'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype = 'e')
UNION ALL
SELECT nspname FROM pg_namespace n WHERE nspowner = 10 AND oid >= 16384
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = n.oid AND deptype = 'e')
UNION ALL
SELECT proname FROM pg_proc p WHERE proowner = 10 AND oid >= 16384
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
"""


@pytest.fixture(scope="module")
def host() -> Iterator[Path]:
    with scratch_postgres.running() as host:
        yield host


def connect(host: Path, user: str, database: str) -> psycopg.Connection:
    return psycopg.connect(host=str(host), user=user, dbname=database, autocommit=True)


@pytest.fixture
def upgraded(host: Path) -> None:
    """Create the database of version 0.1.0, owned by the superuser, and prepare it."""
    with connect(host, "postgres", "postgres") as superuser:
        superuser.execute("DROP DATABASE IF EXISTS lightrag")
        superuser.execute("CREATE DATABASE lightrag TEMPLATE template0")
        with connect(host, "postgres", "lightrag") as old:
            for statement in OLD_OBJECTS.strip().split(";\n"):
                old.execute(statement.removesuffix(";").encode())
        info = conninfo.make_conninfo(
            "", host=str(host), user="postgres", dbname="lightrag"
        )
        database_roles.prepare(superuser, info)
        database_roles.prepare(superuser, info)


@pytest.mark.usefixtures("upgraded")
def test_the_owner_of_an_old_database_is_no_superuser(host: Path) -> None:
    with connect(host, "lightrag", "lightrag") as owner:
        query = (
            "SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        assert owner.execute(query).fetchone() == (False, False)
        assert owner.execute(NOT_OWNED).fetchall() == []


@pytest.mark.usefixtures("upgraded")
def test_the_owner_can_change_old_objects_and_graphs(host: Path) -> None:
    with connect(host, "lightrag", "lightrag") as owner:
        owner.execute("ALTER TABLE documents ADD COLUMN more text")
        owner.execute("INSERT INTO documents (text) VALUES ('a')")
        owner.execute(
            "CREATE OR REPLACE FUNCTION twice(n int) RETURNS int"
            " LANGUAGE sql AS 'SELECT n + n'"
        )
        owner.execute("DROP TABLE parts_1")
        owner.execute("SET search_path = public, ag_catalog")
        owner.execute("SELECT create_graph('workspace_2')")
        owner.execute("SELECT drop_graph('workspace_1', true)")


@pytest.mark.usefixtures("upgraded")
@pytest.mark.parametrize(
    "statement",
    [
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('/etc/passwd')",
        "CREATE EXTENSION http",
        "ALTER SYSTEM SET work_mem = '1GB'",
        "CREATE ROLE another",
    ],
)
def test_the_owner_has_no_rights_of_a_superuser(host: Path, statement: str) -> None:
    with connect(host, "lightrag", "lightrag") as owner, pytest.raises(psycopg.Error):
        owner.execute(statement.encode())


@pytest.mark.usefixtures("upgraded")
def test_no_extension_that_reaches_the_network_is_installed(host: Path) -> None:
    with connect(host, "lightrag", "lightrag") as owner:
        rows = owner.execute("SELECT extname FROM pg_extension").fetchall()
    names = {name for (name,) in rows}
    assert names <= {"plpgsql", *database_roles.EXTENSIONS}
