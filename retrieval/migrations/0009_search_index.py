"""Search indexes that are being built, or that are to be deleted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("retrieval", "0008_feedback_texts")]
    operations = [
        migrations.CreateModel(
            name="SearchIndex",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "workspace_id",
                    models.BigIntegerField(
                        help_text="Not a foreign key: rows are deleted after their workspace."
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("building", "Building"), ("retired", "Retired")],
                        max_length=16,
                    ),
                ),
                ("embedding_model", models.CharField(max_length=200)),
                ("embedding_dimensions", models.PositiveSmallIntegerField()),
            ],
            options={
                "verbose_name_plural": "search indexes",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(state="building"),
                        fields=("workspace_id",),
                        name="one_index_is_built",
                    )
                ],
            },
        ),
    ]
