"""Merge of entities by a user.

Mentions keep the name that the chunk used and move to the target. The names of the merged
entities become aliases, so later documents use the target. `graph.curation.unmerge` undoes
a merge.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from documents.workspaces import audit, locks, workers
from documents.workspaces.audit import Action
from graph.curation import merge_snapshot
from graph.errors import InvalidEdit, SelfMerge, UnknownEntity
from graph.extraction import entity_names
from graph.merging import derive
from graph.models import SEPARATOR, Entity, EntityAlias, EntityMention
from retrieval.index import search_rows
from retrieval.index.search_rows import Touched

# The new ends of each relation of the sources; a relation with equal ends is deleted.
TEMPORARY_TABLES = """
CREATE TEMP TABLE IF NOT EXISTS moved_relation (
    id bigint, source_id bigint, target_id bigint
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS moved_scope (id bigint, name text) ON COMMIT DELETE ROWS;
TRUNCATE moved_relation, moved_scope;
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

# Edits are joined with edits only and keep their scope. Mentions are never copied into
# edits, so that they disappear with their document.
MERGE_RELATIONS = """
INSERT INTO graph_relation (
    workspace_id, source_id, target_id, description, keywords, weight, fragments,
    summary, summary_upto, summary_count, manual, edited_description,
    edited_keywords, edited_weight, edit_scope, created_at, updated_at)
SELECT %(workspace)s, m.source_id, m.target_id, '', '', 1, 0, '', 0, 0,
    bool_or(r.manual),
    coalesce(string_agg(nullif(r.edited_description, ''), '<SEP>'), ''),
    coalesce(string_agg(nullif(r.edited_keywords, ''), ','), ''),
    max(r.edited_weight),
    ARRAY(SELECT DISTINCT o.name FROM moved_relation m2
        JOIN moved_scope o ON o.id = m2.id
        WHERE m2.source_id = m.source_id AND m2.target_id = m.target_id),
    min(r.created_at), now()
FROM moved_relation m JOIN graph_relation r USING (id)
WHERE m.source_id <> m.target_id
GROUP BY m.source_id, m.target_id
ORDER BY m.source_id, m.target_id
ON CONFLICT (workspace_id, source_id, target_id) DO UPDATE
SET manual = graph_relation.manual OR excluded.manual,
    edited_description = concat_ws('<SEP>', nullif(graph_relation.edited_description, ''),
        nullif(excluded.edited_description, '')),
    edited_keywords = concat_ws(',', nullif(graph_relation.edited_keywords, ''),
        nullif(excluded.edited_keywords, '')),
    edited_weight = greatest(graph_relation.edited_weight, excluded.edited_weight),
    edit_scope = ARRAY(
        SELECT name FROM moved_scope o WHERE o.id = graph_relation.id
        UNION SELECT unnest(excluded.edit_scope))
"""

# The names in whose mentions the edits of a relation take precedence, for the moved
# relations and for the relations that the target has already.
FIND_SCOPES = """
INSERT INTO moved_scope
SELECT r.id, n.name FROM graph_relation r
CROSS JOIN LATERAL (
    SELECT unnest(r.edit_scope)
    UNION SELECT e.name FROM graph_entity e
    WHERE r.edit_scope = '{}' AND e.id IN (r.source_id, r.target_id)
    UNION SELECT a.name FROM graph_entityalias a
    WHERE r.edit_scope = '{}' AND a.entity_id IN (r.source_id, r.target_id)
) AS n (name)
WHERE r.edited_description || r.edited_keywords <> '' AND (
    r.id IN (SELECT id FROM moved_relation)
    OR (r.source_id, r.target_id) IN (SELECT source_id, target_id FROM moved_relation))
"""

MOVE_MENTIONS = """
UPDATE graph_relationmention x SET relation_id = r.id
FROM moved_relation m
JOIN graph_relation r ON r.workspace_id = %(workspace)s
    AND r.source_id = m.source_id AND r.target_id = m.target_id
WHERE x.relation_id = m.id
"""

DELETE_MOVED = (
    "DELETE FROM graph_relationmention WHERE relation_id IN"
    " (SELECT id FROM moved_relation)",
    "DELETE FROM graph_relation WHERE id IN (SELECT id FROM moved_relation)",
)

# The relations of the target and the ids of their ends.
TOUCHED = """
SELECT coalesce(array_agg(DISTINCT r.id), '{}'),
    coalesce(array_agg(DISTINCT r.source_id), '{}')
    || coalesce(array_agg(DISTINCT r.target_id), '{}')
FROM graph_relation r WHERE r.source_id = %(target)s OR r.target_id = %(target)s
"""


def merge_entities(workspace_id: int, sources: Sequence[str], target: str) -> Entity:
    """Merge the entities `sources` into `target`, which is created if it is missing.

    `target` may also be an alias of an entity.

    Raises:
        UnknownEntity: A source does not exist.
        InvalidEdit: The name of the target is empty.
        SelfMerge: There is no other source than the target.
    """
    clean = entity_names.entity_name(target)
    if not clean:
        raise InvalidEdit("entity_to_change_into", "Target entity name cannot be empty")
    with transaction.atomic():
        locks.lock_and_invalidate(workspace_id)
        entities = {
            entity.name: entity
            for entity in Entity.objects.filter(
                workspace=workspace_id, name__in=[*sources, clean]
            )
        }
        for name in sources:
            if name not in entities:
                raise UnknownEntity(name, "Source entity")
        merged = [entities[name] for name in dict.fromkeys(sources) if name != clean]
        if not merged:
            raise SelfMerge(clean)
        into = entities.get(clean) or _find_or_create(workspace_id, clean, merged)
        merge_into(workspace_id, merged, into)
        audit.record(
            Action.ENTITY_MERGE,
            into.name,
            workspace_id=workspace_id,
            sources=[entity.name for entity in merged],
        )
        into.refresh_from_db()
        return into


def _find_or_create(workspace_id: int, name: str, merged: Sequence[Entity]) -> Entity:
    """Return the entity that has this alias, else a new one.

    An alias of the merged entities is deleted, because the new entity has that name.
    """
    aliases = EntityAlias.objects.filter(workspace=workspace_id, name=name)
    if alias := aliases.exclude(entity__in=merged).first():
        return alias.entity
    aliases.delete()
    return Entity.objects.create(workspace_id=workspace_id, name=name)


def merge_into(workspace_id: int, sources: Sequence[Entity], target: Entity) -> None:
    """Move mentions, relations, aliases and edits to `target`, and delete `sources`.

    Call it in a transaction that holds `locks.lock_and_invalidate`.
    """
    ids = [source.pk for source in sources]
    snapshots = {source.pk: merge_snapshot.take(source, target) for source in sources}
    _combine_edits(sources, target)
    EntityMention.objects.filter(entity__in=ids).update(entity=target)
    _move_relations(workspace_id, ids, target.pk)
    EntityAlias.objects.filter(entity__in=ids).update(entity=target)
    EntityAlias.objects.bulk_create(
        EntityAlias(
            workspace_id=workspace_id,
            name=source.name,
            entity=target,
            merge_snapshot=snapshots[source.pk],
        )
        for source in sources
    )
    Entity.objects.filter(pk__in=ids).delete()
    _recompute(workspace_id, target)


def _move_relations(workspace_id: int, sources: Sequence[int], target: int) -> None:
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "sources": list(sources),
        "target": target,
    }
    with connection.cursor() as cursor:
        cursor.execute(TEMPORARY_TABLES)
        for step in (
            FIND_MOVES,
            FIND_SCOPES,
            MERGE_RELATIONS,
            MOVE_MENTIONS,
            *DELETE_MOVED,
        ):
            cursor.execute(step, values)


def _combine_edits(sources: Sequence[Entity], target: Entity) -> None:
    """Give the target the edits of all entities, with the scope they had before."""
    edited = [e for e in (target, *sources) if e.edited_description]
    parts = [part for e in edited for part in e.edited_description.split(SEPARATOR)]
    target.manual = target.manual or any(source.manual for source in sources)
    types = (e.edited_type for e in (target, *sources) if e.edited_type)
    target.edited_type = next(types, "")
    target.edited_description = SEPARATOR.join(dict.fromkeys(parts))
    target.edit_scope = sorted(
        {name for e in edited for name in merge_snapshot.edit_scope(e)}
    )
    fields = ["manual", "edited_type", "edited_description", "edit_scope"]
    target.save(update_fields=fields)


def _recompute(workspace_id: int, target: Entity) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED, {"target": target.pk})
        relations, ends = cursor.fetchone()
    derive.relations(relations)
    derive.entities([*ends, target.pk])
    touched = Touched((target.pk, *ends), tuple(relations))
    search_rows.invalidate(workspace_id, touched)
    workers.notify_workers()
