"""Roles, extensions and the database of the embedded PostgreSQL.

The bootstrap superuser creates them. The server connects as the owner of the database,
which is not a superuser, and runs Cypher as a role that can only read graphs.
`docker/database-start` does the same for the container.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from lightrag_site.configuration.databases import EMBEDDED_DATABASE, EMBEDDED_USER

Connection = psycopg.Connection[tuple[Any, ...]]
READER = "lightrag_reader"
"""Role that executes Cypher: `graph.age.cypher_session` grants it the graphs."""
EXTENSIONS = ("vector", "age")
"""Those of `retrieval.index.extensions`, which would load Django here."""
BATCH = 500
"""Objects that change their owner in one transaction, which locks each of them."""

_OWNER = "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = %s"
# Objects that the superuser created, without those of extensions. The sequence of a
# column belongs to its table.
_FOREIGN_OBJECTS = """
WITH objects AS (
    SELECT 'pg_namespace'::regclass AS class, oid, 'SCHEMA' AS kind,
        quote_ident(nspname) AS name, nspowner AS owner
    FROM pg_namespace WHERE nspname <> 'public'
    UNION ALL
    SELECT 'pg_class'::regclass, c.oid,
        CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
            WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
        quote_ident(nspname) || '.' || quote_ident(relname), relowner
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'v', 'm', 'S') AND nspname !~ '^pg_' AND NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
            AND d.objid = c.oid AND d.deptype IN ('a', 'i') AND relkind = 'S')
    UNION ALL
    SELECT 'pg_proc'::regclass, oid, 'ROUTINE', oid::regprocedure::text, proowner
    FROM pg_proc
    UNION ALL
    SELECT 'pg_type'::regclass, t.oid, 'TYPE',
        quote_ident(nspname) || '.' || quote_ident(typname), typowner
    FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace WHERE typtype IN ('d', 'e')
)
SELECT 'ALTER ' || kind || ' ' || name || ' OWNER TO ' || quote_ident(%s)
FROM objects
WHERE oid >= 16384 AND owner = 10 AND NOT EXISTS (
    SELECT FROM pg_depend WHERE classid = class AND objid = oid AND deptype = 'e')
LIMIT %s
"""


def prepare(superuser: Connection, conninfo: str) -> None:
    """Create roles, database and extensions; give older objects to the owner.

    `superuser` is a connection to another database, `conninfo` connects to this one.
    Changing the owner of the database is the last step, so an interrupted preparation
    is repeated.
    """
    owner = superuser.execute(_OWNER, [EMBEDDED_DATABASE]).fetchone()
    if owner == (EMBEDDED_USER,):
        return
    create_roles(superuser)
    database = sql.Identifier(EMBEDDED_DATABASE)
    if owner is None:
        superuser.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(database)
        )
    with psycopg.connect(conninfo, autocommit=True) as connection:
        install_extensions(connection)
        change_owner(connection)
    superuser.execute(
        sql.SQL("ALTER DATABASE {} OWNER TO {}").format(
            database, sql.Identifier(EMBEDDED_USER)
        )
    )


def create_roles(superuser: Connection) -> None:
    """Create the owner and the reader, unless they exist."""
    owner, reader = sql.Identifier(EMBEDDED_USER), sql.Identifier(READER)
    for name, option in ((EMBEDDED_USER, "LOGIN"), (READER, "NOLOGIN")):
        query = "SELECT FROM pg_roles WHERE rolname = %s"
        if superuser.execute(query, [name]).fetchone() is None:
            superuser.execute(
                sql.SQL("CREATE ROLE {} {}").format(
                    sql.Identifier(name), sql.SQL(option)
                )
            )
    superuser.execute(
        sql.SQL("GRANT {} TO {} WITH INHERIT FALSE, SET TRUE").format(reader, owner)
    )
    superuser.execute(
        sql.SQL("GRANT SET ON PARAMETER temp_file_limit TO {}").format(owner)
    )


def install_extensions(superuser: Connection) -> None:
    """Create the extensions that the server uses, no others; let the roles use AGE."""
    available = "SELECT name FROM pg_available_extensions WHERE name = ANY(%s)"
    names = superuser.execute(available, [list(EXTENSIONS)]).fetchall()
    for (name,) in names:
        superuser.execute(
            sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name))
        )
    if ("age",) not in names:
        return
    owner, reader = sql.Identifier(EMBEDDED_USER), sql.Identifier(READER)
    superuser.execute(
        sql.SQL("GRANT USAGE ON SCHEMA ag_catalog TO {}, {}").format(owner, reader)
    )
    # Cypher itself looks up graphs without privileges.
    superuser.execute(
        sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA ag_catalog TO {}").format(owner)
    )


def change_owner(superuser: Connection) -> None:
    """Give what the superuser owns in this database to the owner, in batches."""
    superuser.execute("SET search_path = ''")
    values = [EMBEDDED_USER, BATCH]
    while statements := superuser.execute(_FOREIGN_OBJECTS, values).fetchall():
        with superuser.transaction():
            for (statement,) in statements:
                superuser.execute(statement)
