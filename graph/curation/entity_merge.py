"""Several entities made one.

What chunks said moves along under the name they used, and each name given up becomes
an alias, so the fusion holds for documents to come. `graph.curation.unmerge` undoes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from documents.workspaces import audit, locks, notify
from documents.workspaces.audit import Action
from graph.curation import merge_snapshot
from graph.errors import InvalidEdit, SelfMerge, UnknownEntity
from graph.extraction import entity_names
from graph.merging import derive
from graph.models import SEPARATOR, Entity, EntityAlias, EntityMention
from retrieval.index import search_rows
from retrieval.index.search_rows import Touched

# Where each relation of the sources goes; a loop goes nowhere.
MOVES = """
CREATE TEMP TABLE IF NOT EXISTS moved_relation (
    id bigint, source_id bigint, target_id bigint
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS moved_over (id bigint, name text) ON COMMIT DELETE ROWS;
TRUNCATE moved_relation, moved_over;
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

# A person's words are joined with a person's alone, and win over what they won over
# before; what chunks said is never copied, so that it leaves with its document.
MAKE_RELATIONS = """
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
        JOIN moved_over o ON o.id = m2.id
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
        SELECT name FROM moved_over o WHERE o.id = graph_relation.id
        UNION SELECT unnest(excluded.edit_scope))
"""

# The names over which a person's words about a relation win, of those that move and of
# those that are there.
FIND_OVER = """
INSERT INTO moved_over
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

    A target that is another's former name means that other. Raises UnknownEntity for a
    missing source, InvalidEdit for an empty target.
    """
    clean = entity_names.entity_name(target)
    if not clean:
        raise InvalidEdit("entity_to_change_into", "Target entity name cannot be empty")
    with transaction.atomic():
        locks.lock_and_invalidate(workspace_id)
        found = {
            entity.name: entity
            for entity in Entity.objects.filter(
                workspace=workspace_id, name__in=[*sources, clean]
            )
        }
        for name in sources:
            if name not in found:
                raise UnknownEntity(name, "Source entity")
        given_up = [found[name] for name in dict.fromkeys(sources) if name != clean]
        if not given_up:
            raise SelfMerge(clean)
        into = found.get(clean) or called_or_made(workspace_id, clean, given_up)
        fuse(workspace_id, given_up, into)
        audit.record(
            Action.ENTITY_MERGE,
            into.name,
            workspace_id=workspace_id,
            sources=[entity.name for entity in given_up],
        )
        into.refresh_from_db()
        return into


def called_or_made(workspace_id: int, name: str, given_up: Sequence[Entity]) -> Entity:
    """Who was once called so, or somebody new; a name of those given up is taken back."""
    called = EntityAlias.objects.filter(workspace=workspace_id, name=name)
    if other := called.exclude(entity__in=given_up).first():
        return other.entity
    called.delete()
    return Entity.objects.create(workspace_id=workspace_id, name=name)


def fuse(workspace_id: int, sources: Sequence[Entity], target: Entity) -> None:
    """Move everything of `sources` to `target` and drop them; call it under the lock."""
    ids = [source.pk for source in sources]
    snapshots = {source.pk: merge_snapshot.take(source, target) for source in sources}
    keep_own_words(sources, target)
    EntityMention.objects.filter(entity__in=ids).update(entity=target)
    move_relations(workspace_id, ids, target.pk)
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
    settle(workspace_id, target)


def move_relations(workspace_id: int, sources: Sequence[int], target: int) -> None:
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "sources": list(sources),
        "target": target,
    }
    with connection.cursor() as cursor:
        cursor.execute(MOVES)
        for step in (FIND_MOVES, FIND_OVER, MAKE_RELATIONS, MOVE_MENTIONS, *DROP_OLD):
            cursor.execute(step, values)


def keep_own_words(sources: Sequence[Entity], target: Entity) -> None:
    """What a person wrote of any of them stays, and wins over what it won over before."""
    edited = [one for one in (target, *sources) if one.edited_description]
    words = [part for one in edited for part in one.edited_description.split(SEPARATOR)]
    target.manual = target.manual or any(source.manual for source in sources)
    types = (one.edited_type for one in (target, *sources) if one.edited_type)
    target.edited_type = next(types, "")
    target.edited_description = SEPARATOR.join(dict.fromkeys(words))
    target.edit_scope = sorted(
        {name for one in edited for name in merge_snapshot.edit_scope(one)}
    )
    fields = ["manual", "edited_type", "edited_description", "edit_scope"]
    target.save(update_fields=fields)


def settle(workspace_id: int, target: Entity) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ARRIVED, {"target": target.pk})
        relations, ends = cursor.fetchone()
    derive.relations(relations)
    derive.entities([*ends, target.pk])
    touched = Touched((target.pk, *ends), tuple(relations))
    search_rows.invalidate(workspace_id, touched)
    notify.notify_workers()
