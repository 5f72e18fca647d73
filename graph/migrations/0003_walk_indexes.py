"""Add the indexes of the graph walk and of exact names."""

import django.db.models.deletion
from django.db import migrations, models

from retrieval.index import name_key

ADD = """
ALTER TABLE search_entity ADD COLUMN sameness text;
CREATE INDEX search_entity_words ON search_entity USING hash (lexical);
CREATE INDEX search_entity_sameness ON search_entity (sameness);
COMMENT ON COLUMN search_entity.sameness IS 'retrieval.index.name_key.key of the name';
"""
REMOVE = "ALTER TABLE search_entity DROP COLUMN sameness; DROP INDEX search_entity_words;"

FILL = """
UPDATE search_entity s SET sameness = nullif(f.sameness, '')
FROM unnest(%s::bigint[], %s::text[]) AS f (id, sameness) WHERE s.entity_id = f.id
"""
AT_ONCE = 5000


def fill(apps, schema_editor):
    known = apps.get_model("graph", "Entity").objects.values_list("pk", "name")
    with schema_editor.connection.cursor() as cursor:
        rows = list(known)
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            keys = [name_key.key(name) for _, name in some]
            cursor.execute(FILL, [[pk for pk, _ in some], keys])


class Migration(migrations.Migration):
    dependencies = [("graph", "0002_search_and_projection")]
    operations = [
        migrations.AddIndex(
            model_name="entitymention",
            index=models.Index(fields=["entity", "chunk"], name="entity_mention_chunks"),
        ),
        migrations.AlterField(
            model_name="entitymention",
            name="entity",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="mentions",
                to="graph.entity",
            ),
        ),
        migrations.RunSQL(ADD, REMOVE),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
