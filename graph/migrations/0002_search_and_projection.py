"""Create the search tables and the triggers that project the tables to AGE."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent / "sql"


def run_file(apps, schema_editor, name):
    # psycopg takes several statements at once only without parameters.
    with schema_editor.connection.cursor() as cursor:
        cursor.execute((SQL / name).read_text())


def make_extensions(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
        # Earlier versions also created pg_textsearch, which 0024 no longer needs.
        cursor.execute("SELECT FROM pg_available_extensions WHERE name = 'age'")
        if cursor.fetchone() is not None:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS age")


def make_search(apps, schema_editor):
    run_file(apps, schema_editor, "0002_search.sql")
    run_file(apps, schema_editor, "0002_workspace.sql")


def make_projection(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT lightrag_has('age')")
        if cursor.fetchone()[0]:
            run_file(apps, schema_editor, "0002_projection.sql")


class Migration(migrations.Migration):
    dependencies = [("graph", "0001_initial"), ("documents", "0001_initial")]
    operations = [
        migrations.RunPython(make_extensions, migrations.RunPython.noop),
        migrations.RunPython(make_search, migrations.RunPython.noop),
        migrations.RunPython(make_projection, migrations.RunPython.noop),
    ]
