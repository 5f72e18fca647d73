"""Recompute the keys of names with Chinese characters or abbreviations in brackets."""

from django.db import migrations

from retrieval.index import name_key

CHANGED = r"""
SELECT e.id, e.name FROM graph_entity e
WHERE e.name ~ '[\u3400-\u9fff]' OR e.name ~ '[)）]$'
"""
FILL = """
UPDATE search_entity s SET sameness = nullif(f.sameness, '')
FROM unnest(%s::bigint[], %s::text[]) AS f (id, sameness) WHERE s.entity_id = f.id
"""
AT_ONCE = 5000


def fill(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(CHANGED)
        rows = cursor.fetchall()
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            keys = [name_key.key(name) for _, name in some]
            cursor.execute(FILL, [[pk for pk, _ in some], keys])


class Migration(migrations.Migration):
    dependencies = [("graph", "0006_reembedding")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
