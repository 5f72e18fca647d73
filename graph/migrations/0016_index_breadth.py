"""Search indexes of entities and relations that are cheaper to write."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent / "sql" / "0016_index_breadth.sql"


def make_functions(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(SQL.read_text())


class Migration(migrations.Migration):
    dependencies = [("graph", "0015_entering")]
    operations = [migrations.RunPython(make_functions, migrations.RunPython.noop)]
