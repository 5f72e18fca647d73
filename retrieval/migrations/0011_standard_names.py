"""Give a column and a unique index the field's standard names."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("retrieval", "0010_figures")]
    operations = [
        migrations.RenameField("feedback", "read_chunks", "context_chunks"),
        migrations.RunSQL(
            "ALTER INDEX one_index_is_built RENAME TO search_index_building",
            "ALTER INDEX search_index_building RENAME TO one_index_is_built",
            state_operations=[
                migrations.RemoveConstraint("searchindex", "one_index_is_built"),
                migrations.AddConstraint(
                    "searchindex",
                    models.UniqueConstraint(
                        fields=["workspace_id"],
                        condition=models.Q(state="building"),
                        name="search_index_building",
                    ),
                ),
            ],
        ),
        migrations.AlterField(
            "llmcache",
            "completion_tokens",
            models.PositiveIntegerField(default=0, verbose_name="tokens generated"),
        ),
    ]
