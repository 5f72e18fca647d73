"""Support Apache AGE from 1.5 on."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent / "sql" / "0011_age_versions.sql"


def make_functions(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(SQL.read_text())


class Migration(migrations.Migration):
    dependencies = [("graph", "0010_audit_names")]
    operations = [migrations.RunPython(make_functions, migrations.RunPython.noop)]
