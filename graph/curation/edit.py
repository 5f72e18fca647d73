"""Creation, change and deletion of entities and relations by a user, for all APIs.

A user's edit overrides all mentions and is kept when documents are added or deleted. The
old name of a renamed entity becomes its alias, so that later documents use that entity.
Each function runs in one transaction, writes to the audit trail and notifies the workers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from documents.workspaces import audit, locks, workers
from documents.workspaces.audit import Action
from graph.curation import entity_merge
from graph.errors import (
    EntityExists,
    InvalidEdit,
    RelationExists,
    UnknownEntity,
    UnknownRelation,
)
from graph.extraction import entity_names
from graph.merging import derive
from graph.models import Entity, EntityAlias, Relation
from retrieval.index import search_rows
from retrieval.index.search_rows import Touched

SELF_LOOP = (
    "Cannot create a self-loop relation on '{}': source and target must be different "
    "entities"
)
RENAME_NOT_ALLOWED = (
    "Entity renaming is not allowed. Set allow_rename=True to enable this feature"
)


@dataclass(frozen=True, slots=True)
class EntityChanges:
    """New values of an entity; None keeps the current value."""

    name: str | None = None
    entity_type: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class RelationChanges:
    """New values of a relation; None keeps the current value."""

    description: str | None = None
    keywords: str | None = None
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class EditedEntity:
    """The entity after an edit; `merged` if the edit merged it into another entity."""

    entity: Entity
    merged: bool = False
    renamed: bool = False


def find_entity(workspace_id: int, name: str, role: str = "Entity") -> Entity:
    """Return the entity with this name, normalized name or alias, in this order.

    Raises UnknownEntity.
    """
    for candidate in (name, entity_names.entity_name(name)):
        entity = Entity.objects.filter(workspace=workspace_id, name=candidate).first()
        if entity:
            return entity
    alias = EntityAlias.objects.filter(
        workspace=workspace_id, name__in=(name, entity_names.entity_name(name))
    ).first()
    if alias is None:
        raise UnknownEntity(name, role)
    return alias.entity


def find_relation(workspace_id: int, source: str, target: str) -> Relation:
    """Return the relation between two entities, in either direction.

    Raises UnknownRelation.
    """
    try:
        ends = {find_entity(workspace_id, name).pk for name in (source, target)}
    except UnknownEntity:
        raise UnknownRelation(source, target) from None
    relation = Relation.objects.filter(
        workspace=workspace_id, source=min(ends), target=max(ends)
    ).first()
    if relation is None:
        raise UnknownRelation(source, target)
    return relation


def create_entity(workspace_id: int, name: str, fields: EntityChanges) -> Entity:
    """Create an entity that is kept even if no chunk mentions it.

    Raises InvalidEdit and EntityExists.
    """
    clean = entity_names.entity_name(name)
    if not clean:
        raise InvalidEdit("entity_name", "Entity name cannot be empty")
    if not (fields.description or "").strip():
        raise InvalidEdit("description", "Entity description cannot be empty")
    with transaction.atomic():
        locks.lock_and_invalidate(workspace_id)
        require_unused(workspace_id, clean)
        entity = Entity.objects.create(
            workspace_id=workspace_id,
            name=clean,
            manual=True,
            edited_type=fields.entity_type or "",
            edited_description=fields.description or "",
        )
        audit.record(Action.ENTITY_CREATE, clean, workspace_id=workspace_id)
        return recomputed_entity(entity)


def edit_entity(
    workspace_id: int,
    name: str,
    changes: EntityChanges,
    *,
    allow_rename: bool = False,
    allow_merge: bool = False,
) -> EditedEntity:
    """Change an entity; if another one has the new name, merge it into that one.

    Raises UnknownEntity, InvalidEdit, and EntityExists if `allow_merge` is not set.
    """
    if changes.description is not None and not changes.description.strip():
        raise InvalidEdit("description", "Entity description cannot be empty")
    with transaction.atomic():
        locks.lock_and_invalidate(workspace_id)
        entity = find_entity(workspace_id, name)
        apply_changes(entity, changes)
        new_name = entity_names.entity_name(changes.name or "") or entity.name
        if new_name == entity.name:
            audit.record(Action.ENTITY_EDIT, new_name, workspace_id=workspace_id)
            return EditedEntity(recomputed_entity(entity))
        if not allow_rename:
            raise InvalidEdit("entity_name", RENAME_NOT_ALLOWED)
        other = Entity.objects.filter(workspace=workspace_id, name=new_name).first()
        if other is None:
            rename(entity, new_name)
            return EditedEntity(recomputed_entity(entity), renamed=True)
        if not allow_merge:
            message = f"Entity name '{new_name}' already exists, cannot rename"
            raise EntityExists(new_name, message)
        audit.record(
            Action.ENTITY_MERGE,
            new_name,
            workspace_id=workspace_id,
            sources=[entity.name],
        )
        entity_merge.merge_into(workspace_id, [entity], other)
        return EditedEntity(recomputed_entity(other), merged=True)


def apply_changes(entity: Entity, changes: EntityChanges) -> None:
    if changes.description is not None and changes.description != entity.description:
        entity.edited_description = changes.description
        entity.edit_scope = []
    if changes.entity_type is not None and changes.entity_type != entity.entity_type:
        entity.edited_type = changes.entity_type
    entity.save(
        update_fields=["edited_description", "edit_scope", "edited_type", "updated_at"]
    )


def rename(entity: Entity, new_name: str) -> None:
    """Change the name; the old one becomes an alias. Raises EntityExists."""
    aliases = EntityAlias.objects.filter(workspace=entity.workspace_id, name=new_name)
    if aliases.exclude(entity=entity).exists():
        raise EntityExists(new_name)
    aliases.delete()
    EntityAlias.objects.create(
        workspace_id=entity.workspace_id, name=entity.name, entity=entity
    )
    audit.record(
        Action.ENTITY_RENAME,
        new_name,
        workspace_id=entity.workspace_id,
        before=entity.name,
    )
    entity.name = new_name
    entity.edit_scope += [new_name] if entity.edit_scope else []
    entity.save(update_fields=["name", "edit_scope", "updated_at"])


def delete_entity(workspace_id: int, name: str) -> None:
    """Delete an entity with its relations and all their mentions."""
    with transaction.atomic():
        locks.lock_and_invalidate(workspace_id)
        entity = find_entity(workspace_id, name)
        relations = Relation.objects.filter(Q(source=entity) | Q(target=entity))
        ends = neighbour_ids(entity, relations)
        relations.delete()
        entity.delete()
        audit.record(Action.ENTITY_DELETE, entity.name, workspace_id=workspace_id)
        derive.entities(ends)
        workers.notify_workers()


def neighbour_ids(entity: Entity, relations: Iterable[Relation]) -> list[int]:
    ends = {end for r in relations for end in (r.source_id, r.target_id)}
    return sorted(ends - {entity.pk})


def create_relation(
    workspace_id: int, source: str, target: str, fields: RelationChanges
) -> Relation:
    """Create a relation that is kept even if no chunk mentions it.

    Raises InvalidEdit, UnknownEntity and RelationExists.
    """
    if not (fields.description or "").strip():
        raise InvalidEdit("description", "Relation description cannot be empty")
    with transaction.atomic():
        locks.lock_and_invalidate(workspace_id)
        ends = {
            find_entity(workspace_id, source, "Source entity").pk,
            find_entity(workspace_id, target, "Target entity").pk,
        }
        if len(ends) == 1:
            raise InvalidEdit("target_entity", SELF_LOOP.format(source))
        check_weight(fields.weight, 0)
        values = {
            "workspace_id": workspace_id,
            "source_id": min(ends),
            "target_id": max(ends),
        }
        if Relation.objects.filter(**values).exists():
            raise RelationExists(source, target)
        relation = Relation.objects.create(manual=True, **values)
        record(Action.RELATION_CREATE, workspace_id, source, target)
        return apply_to_relation(relation, fields)


def edit_relation(
    workspace_id: int, source: str, target: str, changes: RelationChanges
) -> Relation:
    """Change a relation. Raises UnknownRelation and InvalidEdit."""
    if changes.description is not None and not changes.description.strip():
        raise InvalidEdit("description", "Relation description cannot be empty")
    with transaction.atomic():
        locks.lock_and_invalidate(workspace_id)
        relation = find_relation(workspace_id, source, target)
        check_weight(
            changes.weight, relation.mentions.values("chunk").distinct().count()
        )
        record(Action.RELATION_EDIT, workspace_id, source, target)
        return apply_to_relation(relation, changes)


def check_weight(weight: float | None, chunks: int) -> None:
    """Raise InvalidEdit if the weight is less than the number of chunks.

    LightRAG's rule (docs/lightrag.md A.4).
    """
    if weight is not None and weight < chunks:
        minimum = f"its distinct-source evidence count {chunks}"
        raise InvalidEdit("weight", f"Weight {weight} cannot be less than {minimum}")


def apply_to_relation(relation: Relation, changes: RelationChanges) -> Relation:
    if changes.description is not None:
        relation.edited_description = changes.description
        relation.edit_scope = []
    if changes.keywords is not None:
        relation.edited_keywords = changes.keywords
        relation.edit_scope = []
    if changes.weight is not None:
        relation.edited_weight = changes.weight
    relation.save()
    touched = Touched((relation.source_id, relation.target_id), (relation.pk,))
    recompute(relation.workspace_id, touched)
    relation.refresh_from_db()
    return relation


def delete_relation(workspace_id: int, source: str, target: str) -> None:
    """Delete a relation and its mentions. Raises UnknownRelation."""
    with transaction.atomic():
        locks.lock_and_invalidate(workspace_id)
        relation = find_relation(workspace_id, source, target)
        ends = (relation.source_id, relation.target_id)
        relation.delete()
        record(Action.RELATION_DELETE, workspace_id, source, target)
        derive.entities(ends)
        workers.notify_workers()


def record(action: Action, workspace_id: int, source: str, target: str) -> None:
    audit.record(action, f"{source} – {target}", workspace_id=workspace_id)


def require_unused(workspace_id: int, name: str) -> None:
    exists = Entity.objects.filter(workspace=workspace_id, name=name).exists()
    alias = EntityAlias.objects.filter(workspace=workspace_id, name=name).exists()
    if exists or alias:
        raise EntityExists(name)


def recomputed_entity(entity: Entity) -> Entity:
    """Return the entity after its merged fields and its relations were recomputed."""
    relations = Relation.objects.filter(Q(source=entity) | Q(target=entity))
    touched = Touched((entity.pk,), tuple(relations.values_list("pk", flat=True)))
    recompute(entity.workspace_id, touched)
    entity.refresh_from_db()
    return entity


def recompute(workspace_id: int, touched: Touched) -> None:
    """Recompute merged fields, invalidate outdated vectors and notify the workers."""
    derive.relations(touched.relations)
    derive.entities(touched.entities)
    search_rows.invalidate(workspace_id, touched)
    workers.notify_workers()
