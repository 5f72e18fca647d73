"""What several rows of the audit trail are called."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("graph", "0009_edited_over")]
    operations = [
        migrations.AlterModelOptions(
            name="auditentry",
            options={"ordering": ["-id"], "verbose_name_plural": "audit entries"},
        ),
    ]
