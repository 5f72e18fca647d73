"""Undo of a merge or a rename: an alias becomes an entity of its own again.

Mentions are merged again from the stored extractions. Edits can't be derived; they are
restored from the snapshot that the merge stored with the alias.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q

from documents.workspaces import audit, locks, workers
from documents.workspaces.audit import Action
from graph.curation import merge_snapshot
from graph.errors import EntityExists, UnknownEntity
from graph.merging import merge, prune
from graph.models import (
    SEPARATOR,
    DistinctNames,
    Entity,
    EntityAlias,
    EntityMention,
    Relation,
)
from retrieval.index import search_rows
from retrieval.index.search_rows import Touched


def split_entity(workspace_id: int, alias: str) -> Entity | None:
    """Undo the merge or the rename that made `alias` an alias.

    The two names are not suggested as duplicates again. Returns the entity, or None if
    neither a mention nor an edit of it exists.

    Raises:
        UnknownEntity: The name is not an alias.
        EntityExists: Another entity now has the name.
    """
    with transaction.atomic():
        locks.lock_and_invalidate(workspace_id)
        row = EntityAlias.objects.filter(workspace=workspace_id, name=alias).first()
        if row is None:
            raise UnknownEntity(alias)
        audit.record(Action.ENTITY_SPLIT, alias, workspace_id=workspace_id)
        workers.notify_workers()
        DistinctNames.objects.get_or_create(
            workspace_id=workspace_id, name=alias, other=row.entity.name
        )
        if _is_rename(row):
            return _restore_name(row)
        return _separate(row)


def _is_rename(row: EntityAlias) -> bool:
    """Return whether the alias is from a rename: no other name is mentioned."""
    mentions = EntityMention.objects.filter(entity=row.entity_id)
    others = EntityAlias.objects.filter(entity=row.entity_id).exclude(pk=row.pk)
    return not (
        row.merge_snapshot
        or others.exists()
        or mentions.exclude(mentioned_name=row.name).exists()
    )


def _restore_name(row: EntityAlias) -> Entity:
    entity = row.entity
    if Entity.objects.filter(workspace=row.workspace_id, name=row.name).exists():
        raise EntityExists(row.name)
    row.delete()
    entity.name = row.name
    entity.save(update_fields=["name", "updated_at"])
    relations = tuple(relation.pk for relation in merge_snapshot.relations_of(entity))
    search_rows.invalidate(row.workspace_id, Touched((entity.pk,), relations))
    return entity


def _separate(row: EntityAlias) -> Entity | None:
    workspace, target = row.workspace_id, row.entity
    mentions = EntityMention.objects.filter(entity=target, mentioned_name=row.name)
    chunks = list(mentions.values_list("chunk_id", flat=True))
    row.delete()
    restored = _restore_entity(row, target)
    removed = prune.remove_mentions(workspace, chunks)
    merged = merge.run(workspace, chunks)
    restored = (
        restored or Entity.objects.filter(workspace=workspace, name=row.name).first()
    )
    moved = _restore_relations(row, target, restored) if restored else Touched()
    touched = removed | Touched((target.pk,)) | merged | moved
    search_rows.invalidate(
        workspace, prune.delete_unmentioned(workspace, touched).remaining
    )
    return Entity.objects.filter(workspace=workspace, name=row.name).first()


def _restore_entity(row: EntityAlias, target: Entity) -> Entity | None:
    """Create the entity with its edits and remove these from `target`.

    Returns None if there were no edits; the merge then creates the entity.
    """
    snapshot = row.merge_snapshot
    description = snapshot.get("edited_description", "")
    target.edited_description = _without(
        target.edited_description, description, SEPARATOR
    )
    target.edit_scope = [name for name in target.edit_scope if name != row.name]
    target.manual = target.manual and snapshot.get("target_manual", True)
    if target.edited_type == snapshot.get("edited_type"):
        target.edited_type = snapshot.get("target_type", target.edited_type)
    target.save(
        update_fields=["edited_type", "edited_description", "edit_scope", "manual"]
    )
    if not (snapshot.get("manual") or description or snapshot.get("edited_type")):
        return None
    fields = ("manual", "edited_type", "edited_description", "edit_scope")
    return Entity.objects.create(
        workspace_id=row.workspace_id,
        name=row.name,
        **{field: snapshot[field] for field in fields if field in snapshot},
    )


def _restore_relations(row: EntityAlias, target: Entity, restored: Entity) -> Touched:
    """Restore the edited relations, and remove the edits from those of `target`."""
    ends, relations = [restored.pk], []
    for saved in row.merge_snapshot.get("relations", []):
        other = Entity.objects.filter(
            Q(name=saved["other"]) | Q(aliases__name=saved["other"]),
            workspace=row.workspace_id,
        ).first()
        if other is None or other == restored:
            continue
        joined = merge_snapshot.relation_between(target, other)
        if joined:
            _remove_edits(joined, saved)
            relations.append(joined.pk)
        relation = _restore_relation(
            row.workspace_id, sorted((restored.pk, other.pk)), saved
        )
        relations += [relation.pk] if relation else []
        ends.append(other.pk)
    return Touched(tuple(ends), tuple(relations))


def _remove_edits(joined: Relation, saved: dict[str, Any]) -> None:
    """Remove the saved edits from the relation that the merge combined them with."""
    joined.edited_description = _without(
        joined.edited_description, saved["edited_description"], SEPARATOR
    )
    joined.edited_keywords = _without(
        joined.edited_keywords, saved["edited_keywords"], ","
    )
    if joined.edited_weight == saved["edited_weight"]:
        joined.edited_weight = saved["target_weight"]
    joined.manual = joined.manual and saved["target_manual"]
    if not (joined.edited_description or joined.edited_keywords):
        joined.edit_scope = []
    joined.save()


def _restore_relation(
    workspace_id: int, ends: list[int], saved: dict[str, Any]
) -> Relation | None:
    """Save the edits to the relation; create it only if a user had created it."""
    key: dict[str, Any] = {
        "workspace_id": workspace_id,
        "source_id": ends[0],
        "target_id": ends[1],
    }
    if not saved["manual"] and not Relation.objects.filter(**key).exists():
        return None
    fields = ("manual", "edited_description", "edited_keywords", "edited_weight")
    relation, _ = Relation.objects.update_or_create(
        **key, defaults={field: saved[field] for field in fields}
    )
    return relation


def _without(text: str, removed: str, separator: str) -> str:
    """Return `text` without the parts that `removed` contains."""
    parts = removed.split(separator)
    return separator.join(part for part in text.split(separator) if part not in parts)
