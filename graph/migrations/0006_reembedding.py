"""Create the functions that swap search tables for a change of the embedding model."""

from pathlib import Path

import pgvector.django.halfvec
from django.db import migrations

SQL = Path(__file__).resolve().parent / "sql" / "0006_reembedding.sql"


def make_functions(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(SQL.read_text())


class Migration(migrations.Migration):
    dependencies = [("graph", "0005_audit")]
    operations = [
        migrations.AlterField(
            model_name="stagedchunk",
            name="vector",
            field=pgvector.django.halfvec.HalfVectorField(
                help_text="None: a model made it that the workspace has left.", null=True
            ),
        ),
        migrations.RunPython(make_functions, migrations.RunPython.noop),
    ]
