"""Name an index after what it sorts by."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("documents", "0017_deleted_at_help_text")]
    operations = [
        migrations.RenameIndex(
            "document", "document_by_creation", old_name="document_by_birth"
        )
    ]
