"""Several entities made one, and one taken apart again.

What chunks said moves along under the name they used, and each name given up becomes
an alias, so the fusion holds for documents to come. It is undone by reading the
extractions of the chunks that used the name once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from graph import audit, locking, merge, names, pruning, refresh, search_rows
from graph.audit import Action
from graph.errors import InvalidEdit, UnknownEntity
from graph.merge import Touched
from graph.models import SEPARATOR, Entity, EntityAlias, EntityMention, KeptApart

# Where each relation of the sources goes; a loop goes nowhere.
MOVES = """
CREATE TEMP TABLE IF NOT EXISTS moved_relation (
    id bigint, source_id bigint, target_id bigint
) ON COMMIT DELETE ROWS;
TRUNCATE moved_relation;
"""

FIND_MOVES = """
INSERT INTO moved_relation
SELECT id, least(source, target), greatest(source, target)
FROM (
    SELECT r.id,
        CASE WHEN r.source_id = ANY(%(sources)s) THEN %(target)s ELSE r.source_id END
            AS source,
        CASE WHEN r.target_id = ANY(%(sources)s) THEN %(target)s ELSE r.target_id END
            AS target
    FROM graph_relation r
    WHERE r.source_id = ANY(%(sources)s) OR r.target_id = ANY(%(sources)s)
) AS ends
"""

# A person's words win over what chunks said, so what they are joined with goes into them.
MAKE_RELATIONS = """
INSERT INTO graph_relation (
    workspace_id, source_id, target_id, description, keywords, weight, fragments,
    summary, summary_upto, summary_count, manual, edited_description,
    edited_keywords, edited_weight, created_at, updated_at)
SELECT %(workspace)s, m.source_id, m.target_id, '', '', 1, 0, '', 0, 0,
    bool_or(r.manual),
    CASE WHEN bool_or(r.edited_description <> '')
        THEN string_agg(nullif(r.description, ''), '<SEP>') ELSE '' END,
    CASE WHEN bool_or(r.edited_keywords <> '')
        THEN string_agg(nullif(r.keywords, ''), ',') ELSE '' END,
    max(r.edited_weight), min(r.created_at), now()
FROM moved_relation m JOIN graph_relation r USING (id)
WHERE m.source_id <> m.target_id
GROUP BY m.source_id, m.target_id
ORDER BY m.source_id, m.target_id
ON CONFLICT (workspace_id, source_id, target_id) DO UPDATE
SET manual = graph_relation.manual OR excluded.manual,
    edited_description = CASE
        WHEN graph_relation.edited_description || excluded.edited_description = '' THEN ''
        ELSE concat_ws('<SEP>', nullif(graph_relation.description, ''),
            nullif(excluded.edited_description, '')) END,
    edited_keywords = CASE
        WHEN graph_relation.edited_keywords || excluded.edited_keywords = '' THEN ''
        ELSE concat_ws(',', nullif(graph_relation.keywords, ''),
            nullif(excluded.edited_keywords, '')) END,
    edited_weight = greatest(graph_relation.edited_weight, excluded.edited_weight)
"""

MOVE_MENTIONS = """
UPDATE graph_relationmention x SET relation_id = r.id
FROM moved_relation m
JOIN graph_relation r ON r.workspace_id = %(workspace)s
    AND r.source_id = m.source_id AND r.target_id = m.target_id
WHERE x.relation_id = m.id
"""

DROP_OLD = (
    "DELETE FROM graph_relationmention WHERE relation_id IN"
    " (SELECT id FROM moved_relation)",
    "DELETE FROM graph_relation WHERE id IN (SELECT id FROM moved_relation)",
)

# The edges that arrived, and everybody at their ends.
ARRIVED = """
SELECT coalesce(array_agg(DISTINCT r.id), '{}'),
    coalesce(array_agg(DISTINCT r.source_id), '{}')
    || coalesce(array_agg(DISTINCT r.target_id), '{}')
FROM graph_relation r WHERE r.source_id = %(target)s OR r.target_id = %(target)s
"""


def merge_entities(workspace_id: int, sources: Sequence[str], target: str) -> Entity:
    """Make the entities `sources` one with `target`, which is made if it is not there.

    Raises UnknownEntity for a missing source, InvalidEdit for an empty target.
    """
    clean = names.entity_name(target)
    if not clean:
        raise InvalidEdit("entity_to_change_into", "Target entity name cannot be empty")
    with transaction.atomic():
        locking.lock(workspace_id)
        found = {
            entity.name: entity
            for entity in Entity.objects.filter(
                workspace=workspace_id, name__in=[*sources, clean]
            )
        }
        for name in sources:
            if name not in found:
                raise UnknownEntity(name)
        into = found.get(clean) or Entity.objects.create(
            workspace_id=workspace_id, name=clean
        )
        EntityAlias.objects.filter(workspace=workspace_id, name=clean).delete()
        given_up = [found[name] for name in dict.fromkeys(sources) if name != clean]
        fuse(workspace_id, given_up, into)
        audit.record(
            Action.ENTITY_MERGE,
            clean,
            workspace_id=workspace_id,
            sources=[entity.name for entity in given_up],
        )
        into.refresh_from_db()
        return into


def fuse(workspace_id: int, sources: Sequence[Entity], target: Entity) -> None:
    """Move everything of `sources` to `target` and drop them; call it under the lock."""
    ids = [source.pk for source in sources]
    EntityMention.objects.filter(entity__in=ids).update(entity=target)
    move_relations(workspace_id, ids, target.pk)
    keep_own_words(sources, target)
    EntityAlias.objects.filter(entity__in=ids).update(entity=target)
    EntityAlias.objects.bulk_create(
        EntityAlias(
            workspace_id=workspace_id,
            name=source.name,
            entity=target,
            before=words_of(source),
        )
        for source in sources
    )
    Entity.objects.filter(pk__in=ids).delete()
    settle(workspace_id, target)


def move_relations(workspace_id: int, sources: Sequence[int], target: int) -> None:
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "sources": list(sources),
        "target": target,
    }
    with connection.cursor() as cursor:
        cursor.execute(MOVES)
        for step in (FIND_MOVES, MAKE_RELATIONS, MOVE_MENTIONS, *DROP_OLD):
            cursor.execute(step, values)


def keep_own_words(sources: Sequence[Entity], target: Entity) -> None:
    """What a person wrote of a source stays in the target's description."""
    own = [s.edited_description for s in sources if s.edited_description]
    manual = target.manual or any(source.manual for source in sources)
    Entity.objects.filter(pk=target.pk).update(manual=manual)
    if own:
        words = [target.edited_description or target.description, *own]
        text = SEPARATOR.join(dict.fromkeys(word for word in words if word))
        Entity.objects.filter(pk=target.pk).update(edited_description=text)


def words_of(entity: Entity) -> dict[str, Any]:
    """What could not be derived again: kept with the alias, for the undoing."""
    return {
        "manual": entity.manual,
        "edited_type": entity.edited_type,
        "edited_description": entity.edited_description,
    }


def settle(workspace_id: int, target: Entity) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ARRIVED, {"target": target.pk})
        relations, ends = cursor.fetchone()
    refresh.relations(relations)
    refresh.entities([*ends, target.pk])
    touched = Touched((target.pk, *ends), tuple(relations))
    search_rows.void(workspace_id, touched)


def split_entity(workspace_id: int, alias: str) -> Entity | None:
    """Undo a fusion or a renaming: what chunks call `alias` is an entity of its own again.

    Returns it, or None when neither a chunk nor a person says anything of it. Raises
    UnknownEntity when the name is no alias.
    """
    with transaction.atomic():
        locking.lock(workspace_id)
        row = EntityAlias.objects.filter(workspace=workspace_id, name=alias).first()
        if row is None:
            raise UnknownEntity(alias)
        using = EntityMention.objects.filter(entity=row.entity_id, said_name=alias)
        chunks = list(using.values_list("chunk_id", flat=True))
        KeptApart.objects.get_or_create(
            workspace_id=workspace_id, name=alias, other=row.entity.name
        )
        row.delete()
        audit.record(Action.ENTITY_SPLIT, alias, workspace_id=workspace_id)
        restore_words(workspace_id, row)
        touched = pruning.forget(workspace_id, chunks)
        again = merge.run(workspace_id, chunks)
        search_rows.void(workspace_id, touched)
        search_rows.void(workspace_id, again)
        return Entity.objects.filter(workspace=workspace_id, name=alias).first()


def restore_words(workspace_id: int, alias: EntityAlias) -> None:
    if alias.before.get("manual") or alias.before.get("edited_description"):
        entity = Entity.objects.create(
            workspace_id=workspace_id, name=alias.name, **alias.before
        )
        refresh.entities([entity.pk])
