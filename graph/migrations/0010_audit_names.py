"""Set the plural name of audit entries."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("graph", "0009_edited_over")]
    operations = [
        migrations.AlterModelOptions(
            name="auditentry",
            options={"ordering": ["-id"], "verbose_name_plural": "audit entries"},
        ),
    ]
