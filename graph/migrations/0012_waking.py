"""Recover BM25 indexes after a start of PostgreSQL."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent / "sql" / "0012_waking.sql"


def make_functions(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(SQL.read_text())


class Migration(migrations.Migration):
    dependencies = [("graph", "0011_age_versions")]
    operations = [migrations.RunPython(make_functions, migrations.RunPython.noop)]
