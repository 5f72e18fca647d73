"""Recover each BM25 index in its own transaction, to avoid deadlocks with queries."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent / "sql" / "0017_waking_apart.sql"


def make_functions(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(SQL.read_text())


class Migration(migrations.Migration):
    dependencies = [("graph", "0016_index_breadth")]
    operations = [migrations.RunPython(make_functions, migrations.RunPython.noop)]
