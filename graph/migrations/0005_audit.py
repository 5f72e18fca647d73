"""Create the audit trail, which is append-only."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent / "sql"
DROP = """
DROP TRIGGER graph_audit_stays ON graph_auditentry;
DROP FUNCTION lightrag_audit_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("graph", "0004_entity_by_degree")]
    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("actor_kind", models.CharField(max_length=16)),
                ("actor", models.CharField(max_length=200)),
                ("address", models.CharField(blank=True, max_length=64)),
                ("action", models.CharField(max_length=40)),
                (
                    "workspace",
                    models.CharField(
                        blank=True,
                        help_text="By name: it may be gone since.",
                        max_length=64,
                    ),
                ),
                ("target", models.CharField(blank=True, max_length=512)),
                ("details", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "verbose_name_plural": "audit trail",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        fields=["workspace", "-id"], name="audit_by_workspace"
                    ),
                    models.Index(fields=["actor", "-id"], name="audit_by_actor"),
                    models.Index(fields=["action", "-id"], name="audit_by_action"),
                ],
            },
        ),
        migrations.RunSQL((SQL / "0005_audit.sql").read_text(), DROP),
    ]
