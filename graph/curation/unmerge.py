"""A merge or a renaming undone: what chunks call by the old name stands alone again.

What chunks said is read once more from their extractions. What a person had written
cannot be derived: it was kept with the alias when the name was given up.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q

from documents.workspaces import audit, locks, notify
from documents.workspaces.audit import Action
from graph.curation import merge_snapshot
from graph.errors import EntityExists, UnknownEntity
from graph.merging import merge, prune
from graph.models import (
    SEPARATOR,
    Entity,
    EntityAlias,
    EntityMention,
    KeptApart,
    Relation,
)
from retrieval.index import search_rows
from retrieval.index.search_rows import Touched


def split_entity(workspace_id: int, alias: str) -> Entity | None:
    """Undo a merge or a renaming: what chunks call `alias` is an entity of its own again.

    Where nothing else is left of the other, it takes its old name back, with all that a
    person wrote. Returns the entity, or None when neither a chunk nor a person says
    anything of it. Raises UnknownEntity when the name is no alias.
    """
    with transaction.atomic():
        locks.lock_and_invalidate(workspace_id)
        row = EntityAlias.objects.filter(workspace=workspace_id, name=alias).first()
        if row is None:
            raise UnknownEntity(alias)
        audit.record(Action.ENTITY_SPLIT, alias, workspace_id=workspace_id)
        notify.notify_workers()
        KeptApart.objects.get_or_create(
            workspace_id=workspace_id, name=alias, other=row.entity.name
        )
        if is_all_there_is(row):
            return name_back(row)
        return take_apart(row)


def is_all_there_is(row: EntityAlias) -> bool:
    """Whether the entity is nothing but what went by this name: a renaming, no merge."""
    mentions = EntityMention.objects.filter(entity=row.entity_id)
    others = EntityAlias.objects.filter(entity=row.entity_id).exclude(pk=row.pk)
    return not (
        row.merge_snapshot
        or others.exists()
        or mentions.exclude(said_name=row.name).exists()
    )


def name_back(row: EntityAlias) -> Entity:
    entity = row.entity
    if Entity.objects.filter(workspace=row.workspace_id, name=row.name).exists():
        raise EntityExists(row.name)
    row.delete()
    entity.name = row.name
    entity.save(update_fields=["name", "updated_at"])
    relations = tuple(relation.pk for relation in merge_snapshot.relations_of(entity))
    search_rows.invalidate(row.workspace_id, Touched((entity.pk,), relations))
    return entity


def take_apart(row: EntityAlias) -> Entity | None:
    workspace, target = row.workspace_id, row.entity
    using = EntityMention.objects.filter(entity=target, said_name=row.name)
    chunks = list(using.values_list("chunk_id", flat=True))
    row.delete()
    made = restore_entity(row, target)
    silent = prune.unmention(workspace, chunks)
    again = merge.run(workspace, chunks)
    made = made or Entity.objects.filter(workspace=workspace, name=row.name).first()
    moved = restore_relations(row, target, made) if made else Touched()
    touched = silent | Touched((target.pk,)) | again | moved
    search_rows.invalidate(workspace, prune.settle(workspace, touched).left)
    return Entity.objects.filter(workspace=workspace, name=row.name).first()


def restore_entity(row: EntityAlias, target: Entity) -> Entity | None:
    """The entity with a person's words, which the other then loses; None without any."""
    kept = row.merge_snapshot
    words = kept.get("edited_description", "")
    target.edited_description = without(target.edited_description, words, SEPARATOR)
    target.edit_scope = [name for name in target.edit_scope if name != row.name]
    target.manual = target.manual and kept.get("target_manual", True)
    if target.edited_type == kept.get("edited_type"):
        target.edited_type = kept.get("target_type", target.edited_type)
    target.save(
        update_fields=["edited_type", "edited_description", "edit_scope", "manual"]
    )
    if not (kept.get("manual") or words or kept.get("edited_type")):
        return None
    fields = ("manual", "edited_type", "edited_description", "edit_scope")
    return Entity.objects.create(
        workspace_id=row.workspace_id,
        name=row.name,
        **{field: kept[field] for field in fields if field in kept},
    )


def restore_relations(row: EntityAlias, target: Entity, made: Entity) -> Touched:
    """The same for the relations that a person made or wrote of."""
    ends, relations = [made.pk], []
    for kept in row.merge_snapshot.get("relations", []):
        other = Entity.objects.filter(
            Q(name=kept["other"]) | Q(aliases__name=kept["other"]),
            workspace=row.workspace_id,
        ).first()
        if other is None or other == made:
            continue
        joined = merge_snapshot.relation_between(target, other)
        if joined:
            take_back(joined, kept)
            relations.append(joined.pk)
        relation = give_back(row.workspace_id, sorted((made.pk, other.pk)), kept)
        relations += [relation.pk] if relation else []
        ends.append(other.pk)
    return Touched(tuple(ends), tuple(relations))


def take_back(joined: Relation, kept: dict[str, Any]) -> None:
    joined.edited_description = without(
        joined.edited_description, kept["edited_description"], SEPARATOR
    )
    joined.edited_keywords = without(
        joined.edited_keywords, kept["edited_keywords"], ","
    )
    if joined.edited_weight == kept["edited_weight"]:
        joined.edited_weight = kept["target_weight"]
    joined.manual = joined.manual and kept["target_manual"]
    if not (joined.edited_description or joined.edited_keywords):
        joined.edit_scope = []
    joined.save()


def give_back(
    workspace_id: int, ends: list[int], kept: dict[str, Any]
) -> Relation | None:
    found: dict[str, Any] = {
        "workspace_id": workspace_id,
        "source_id": ends[0],
        "target_id": ends[1],
    }
    if not kept["manual"] and not Relation.objects.filter(**found).exists():
        return None
    fields = ("manual", "edited_description", "edited_keywords", "edited_weight")
    relation, _ = Relation.objects.update_or_create(
        **found, defaults={field: kept[field] for field in fields}
    )
    return relation


def without(words: str, taken: str, separator: str) -> str:
    """`words` without the parts that are `taken`."""
    gone = taken.split(separator)
    return separator.join(part for part in words.split(separator) if part not in gone)
