"""Give columns and SQL functions the field's standard names."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent / "sql"


def rename(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for name in ("0019_names.sql", "0019_bm25.sql"):
            cursor.execute((SQL / name).read_text())


class Migration(migrations.Migration):
    dependencies = [("graph", "0018_creating")]
    operations = [
        migrations.RenameField("entity", "edited_over", "edit_scope"),
        migrations.RenameField("relation", "edited_over", "edit_scope"),
        migrations.RenameField("entityalias", "before", "merge_snapshot"),
        migrations.RunPython(rename, migrations.RunPython.noop),
    ]
