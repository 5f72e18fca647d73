"""Let small workspaces share search tables, and create AGE graphs at the first use.

The rows of a small workspace are copied to the shared tables, and its AGE graph is dropped.
A large workspace keeps its partitions, which are attached to the new tables. Each
workspace is moved in a transaction of its own, so the migration continues after an
interruption. The server must be stopped meanwhile.
"""

from pathlib import Path

from django.db import migrations, transaction

SQL = Path(__file__).resolve().parent / "sql"
KINDS = ("chunk", "entity", "relation")
# The limits of `retrieval.index.own_tables` when this migration was written.
LIMITS = {"chunk": 500, "entity": 1000, "relation": 1000}

HAS_NEW_TABLES = "SELECT to_regclass('search_chunk_shared') IS NOT NULL"
UNMOVED = """
SELECT id FROM documents_workspace WHERE EXISTS (
    SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = to_regclass('search_chunk_before_0021')
        AND c.relname = 'search_chunk_' || documents_workspace.id)
ORDER BY id
"""
FOREIGN_KEYS = """
SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'
"""
NAME_KEY_INDEX = """
SELECT indexrelid::regclass::text FROM pg_index i JOIN pg_attribute a
    ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE i.indrelid = %s::regclass AND a.attname = 'name_key'
"""


def move(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute(HAS_NEW_TABLES)
        if cursor.fetchone() == (False,):
            with transaction.atomic():
                cursor.execute((SQL / "0021_search_indexes.sql").read_text())
        cursor.execute(UNMOVED)
        for (workspace,) in cursor.fetchall():
            with transaction.atomic():
                move_workspace(cursor, workspace)
        with transaction.atomic():
            cursor.execute((SQL / "0021_drop_old_tables.sql").read_text())
            cursor.execute("SELECT lightrag_has('age')")
            if cursor.fetchone() == (True,):
                cursor.execute((SQL / "0002_projection.sql").read_text())


def move_workspace(cursor, workspace):
    for kind in KINDS:
        # Left by an interrupted change of the embedding model, which starts again.
        cursor.execute(f"DROP TABLE IF EXISTS search_{kind}_{workspace}_next")
    if any(is_large(cursor, kind, workspace) for kind in KINDS):
        cursor.execute(
            "UPDATE documents_workspace SET search_index = id WHERE id = %s", [workspace]
        )
        for kind in KINDS:
            attach(cursor, kind, workspace)
    else:
        for kind in KINDS:
            copy(cursor, kind, workspace)
        cursor.execute("SELECT lightrag_drop_graph(%s)", [f"workspace_{workspace}"])


def is_large(cursor, kind, workspace):
    limit = LIMITS[kind]
    cursor.execute(
        f"SELECT count(*) FROM (SELECT FROM search_{kind}_{workspace} LIMIT {limit + 1}) s"
    )
    return cursor.fetchone()[0] > limit


def attach(cursor, kind, workspace):
    name = f"search_{kind}_{workspace}"
    cursor.execute(f"ALTER TABLE search_{kind}_before_0021 DETACH PARTITION {name}")
    cursor.execute(FOREIGN_KEYS, [name])
    for (constraint,) in cursor.fetchall():
        cursor.execute(f'ALTER TABLE {name} DROP CONSTRAINT "{constraint}"')
    cursor.execute(f"ALTER TABLE {name} RENAME COLUMN workspace_id TO index_id")
    if kind == "entity":
        cursor.execute(NAME_KEY_INDEX, [name])
        for (index,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX {index}")
    if kind != "relation":
        cursor.execute(f"ALTER TABLE {name} ADD terms tsvector, ADD length int")
    cursor.execute(
        f"ALTER TABLE search_{kind} ATTACH PARTITION {name}"
        f" FOR VALUES FROM ({workspace}) TO ({workspace + 1})"
    )


def copy(cursor, kind, workspace):
    columns = [f"{kind}_id", "vector", "text_hash"]
    columns += {"chunk": ["lexical"], "entity": ["lexical", "name_key"]}.get(kind, [])
    names = ", ".join(columns)
    cursor.execute(
        f"INSERT INTO search_{kind}_shared (index_id, {names})"
        f" SELECT w.search_index, {names}"
        f" FROM search_{kind}_{workspace}, documents_workspace w WHERE w.id = {workspace}"
    )
    cursor.execute(f"DROP TABLE search_{kind}_{workspace}")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("graph", "0020_wording"),
        ("documents", "0012_search_index"),
        ("retrieval", "0009_search_index"),
    ]
    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
