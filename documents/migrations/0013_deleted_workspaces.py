"""Mark deleted workspaces, whose rows a worker removes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0012_search_index")]
    operations = [
        migrations.AddField(
            "workspace",
            "deleted_at",
            models.DateTimeField(
                null=True,
                editable=False,
                help_text="Set by a deletion; a worker removes the rows (`lifecycle.removal`).",
            ),
        ),
        migrations.AddIndex(
            "workspace",
            models.Index(
                fields=["id"],
                name="workspace_deleted",
                condition=models.Q(deleted_at__isnull=False),
            ),
        ),
        migrations.AddIndex(
            "workspace",
            models.Index(
                fields=["id"],
                name="workspace_stale",
                condition=models.Q(stale_since__isnull=False),
            ),
        ),
    ]
