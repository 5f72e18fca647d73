"""Hide deleted workspaces from queries."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent / "sql" / "0022_deleted_workspaces.sql"


def make_function(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(SQL.read_text())


class Migration(migrations.Migration):
    dependencies = [
        ("graph", "0021_search_indexes"),
        ("documents", "0013_deleted_workspaces"),
    ]
    operations = [migrations.RunPython(make_function, migrations.RunPython.noop)]
