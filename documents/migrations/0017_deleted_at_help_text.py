"""A help text without the name of a module."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0016_figure_description")]
    operations = [
        migrations.AlterField(
            model_name="workspace",
            name="deleted_at",
            field=models.DateTimeField(
                editable=False,
                help_text="Set by a deletion; a worker removes the rows.",
                null=True,
            ),
        ),
    ]
