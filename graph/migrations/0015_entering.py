"""Lock the search tables for queries and swaps."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent / "sql" / "0015_entering.sql"


def make_functions(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(SQL.read_text())


class Migration(migrations.Migration):
    dependencies = [("graph", "0014_words")]
    operations = [migrations.RunPython(make_functions, migrations.RunPython.noop)]
