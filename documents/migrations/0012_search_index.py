"""Record which search index a workspace uses (graph/migrations/sql/0021)."""

from django.db import migrations, models

# Indexes of their own have the ids of their workspaces until then, so the sequence starts
# after these.
SEQUENCE = """
CREATE SEQUENCE search_index_id;
SELECT setval('search_index_id', 1 + coalesce(max(id), 0)) FROM documents_workspace;
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0011_expired_leases")]
    operations = [
        migrations.RunSQL(SEQUENCE, "DROP SEQUENCE search_index_id"),
        migrations.AddField(
            "workspace",
            "search_index",
            models.BigIntegerField(
                db_default=models.Func(
                    output_field=models.BigIntegerField(),
                    template="-nextval('search_index_id')",
                ),
                editable=False,
                help_text="Id of its rows in the search tables; positive if it has its own partitions.",
            ),
        ),
    ]
