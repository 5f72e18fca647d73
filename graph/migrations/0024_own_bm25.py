"""Rank the words of all search indexes by BM25 in SQL, without pg_textsearch.

The words of each table of a large workspace are indexed in a transaction of its own, so
the migration continues after an interruption. Its rows are written again, which takes
minutes for 100,000 of them. The server must be stopped meanwhile.
"""

from pathlib import Path

from django.db import migrations, transaction

SQL = Path(__file__).resolve().parent / "sql" / "0024_own_bm25.sql"

HAS_STATISTICS = "SELECT to_regclass('search_statistics') IS NOT NULL"
# Without a workspace: a worker is building the tables.
UNCOUNTED = """
SELECT t.name, k.kind, w.search_index, w.embedding_dimensions
FROM (VALUES ('chunk'), ('entity')) k (kind)
JOIN pg_inherits i ON i.inhparent = ('search_' || k.kind)::regclass
CROSS JOIN LATERAL (SELECT relname AS name FROM pg_class WHERE oid = i.inhrelid) t
LEFT JOIN documents_workspace w ON t.name = format('search_%%s_%%s', k.kind, w.search_index)
WHERE t.name NOT LIKE '%%shared' AND NOT EXISTS (SELECT FROM search_statistics s
    WHERE s.index_id = w.search_index AND s.kind = k.kind)
ORDER BY t.name
"""
# Indexes of the extension, and those on to_tsvector() without it.
OLD_INDEXES = """
SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_am a ON a.oid = c.relam
WHERE i.indrelid = %s::regclass AND a.amname IN ('bm25', 'gin')
"""


def replace(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(HAS_STATISTICS)
        if cursor.fetchone() == (False,):
            with transaction.atomic():
                cursor.execute(SQL.read_text())
        cursor.execute(UNCOUNTED, [])
        for row in cursor.fetchall():
            with transaction.atomic():
                index_words(cursor, *row)


def index_words(cursor, table, kind, index, dimensions):
    cursor.execute(OLD_INDEXES, [table])
    for (old,) in cursor.fetchall():
        cursor.execute(f'DROP INDEX "{old}"')
    cursor.execute(f"ALTER TABLE {table} ALTER terms SET STORAGE MAIN")
    cursor.execute(f"UPDATE {table} SET lexical = lexical")
    if index is None:
        return
    cursor.execute(
        "SELECT lightrag_make_search_indexes(%s, %s, %s)", [kind, table, dimensions]
    )
    cursor.execute(f"ANALYZE {table}")
    cursor.execute("SELECT lightrag_count_words(%s, %s)", [kind, index])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("graph", "0023_standard_names")]
    operations = [migrations.RunPython(replace, migrations.RunPython.noop)]
