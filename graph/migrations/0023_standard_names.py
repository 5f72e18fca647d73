"""Give columns and a table the field's standard names.

Only names change: PostgreSQL renames the columns in constraints itself, so the state of
the constraints is changed without building an index again.
"""

import django.db.models.deletion
from django.db import migrations, models


def renamed(model, name, old, new):
    """Return operations that rename columns, which a unique constraint contains."""
    changed = [pair for pair in zip(old, new, strict=True) if pair[0] != pair[1]]
    return [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveConstraint(model, name)]
        ),
        *(migrations.RenameField(model, before, after) for before, after in changed),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddConstraint(
                    model, models.UniqueConstraint(fields=new, name=name)
                )
            ]
        ),
    ]


RENAME_CONSTRAINT = "ALTER TABLE graph_distinctnames RENAME CONSTRAINT {} TO {}"
PAIR = ["workspace", "name", "other"]
RENAME_PERMISSIONS = r"""
DO $$
BEGIN
    IF to_regclass('auth_permission') IS NOT NULL THEN
        UPDATE auth_permission SET codename = replace(codename, 'keptapart', 'distinctnames'),
            name = replace(name, 'kept apart', 'distinct names')
        WHERE codename LIKE '%\_keptapart';
    END IF;
END $$
"""
RELATION_FIELDS = [
    (
        "edited_description",
        models.TextField(
            blank=True, help_text="Description by a user; it overrides all mentions."
        ),
    ),
    (
        "fragments",
        models.PositiveIntegerField(
            default=0,
            help_text="Number of distinct descriptions that no summary covers.",
        ),
    ),
    (
        "manual",
        models.BooleanField(
            default=False,
            help_text="Created by a user. It is kept even if no chunk mentions it.",
            verbose_name="created manually",
        ),
    ),
    (
        "summary",
        models.TextField(
            blank=True, help_text="Summary of the oldest mentions, written by a model."
        ),
    ),
    (
        "summary_count",
        models.PositiveIntegerField(
            default=0,
            help_text="Number of mentions covered; the summary is invalid if fewer are left.",
        ),
    ),
    (
        "summary_owner",
        models.CharField(
            blank=True,
            db_default="",
            default="",
            help_text="Worker that holds the lease for the next summary.",
            max_length=64,
        ),
    ),
    (
        "summary_upto",
        models.BigIntegerField(
            default=0, help_text="Id of the last mention that the summary covers."
        ),
    ),
]
"""Relations share the fields of entities, with their help texts."""


class Migration(migrations.Migration):
    dependencies = [("graph", "0022_deleted_workspaces")]
    operations = [
        *renamed(
            "entitymention",
            "entity_mention_unique",
            ["chunk", "entity", "said_name"],
            ["chunk", "entity", "mentioned_name"],
        ),
        *renamed(
            "relationmention",
            "relation_mention_unique",
            ["chunk", "relation", "said_source", "said_target"],
            ["chunk", "relation", "mentioned_source", "mentioned_target"],
        ),
        migrations.RenameModel("KeptApart", "DistinctNames"),
        migrations.AlterModelOptions(
            "distinctnames", {"verbose_name_plural": "distinct names"}
        ),
        migrations.AlterField(
            "distinctnames",
            "workspace",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="distinct_names",
                to="documents.workspace",
            ),
        ),
        migrations.RunSQL(
            RENAME_CONSTRAINT.format("kept_apart_unique", "distinct_names_unique"),
            RENAME_CONSTRAINT.format("distinct_names_unique", "kept_apart_unique"),
            state_operations=[
                migrations.RemoveConstraint("distinctnames", "kept_apart_unique"),
                migrations.AddConstraint(
                    "distinctnames",
                    models.UniqueConstraint(fields=PAIR, name="distinct_names_unique"),
                ),
            ],
        ),
        migrations.AlterField(
            "entity",
            "manual",
            models.BooleanField(
                default=False,
                help_text="Created by a user. It is kept even if no chunk mentions it.",
                verbose_name="created manually",
            ),
        ),
        migrations.RunSQL(RENAME_PERMISSIONS, migrations.RunSQL.noop),
        *(migrations.AlterField("relation", *field) for field in RELATION_FIELDS),
    ]
