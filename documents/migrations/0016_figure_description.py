"""The chunks of figures' descriptions, and an index to reuse a description."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0015_figure")]
    operations = [
        migrations.AddField(
            model_name="figure",
            name="description_chunk",
            field=models.OneToOneField(
                blank=True,
                help_text="The chunk that consists of the description.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="described_figure",
                to="documents.chunk",
            ),
        ),
        migrations.AddField(
            model_name="figure",
            name="problem",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="Why the vision model did not describe the figure.",
            ),
        ),
        migrations.AddIndex(
            model_name="figure",
            index=models.Index(
                condition=models.Q(("description", ""), _negated=True),
                fields=["content_hash"],
                name="figure_described",
            ),
        ),
    ]
