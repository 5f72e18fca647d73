"""Snapshot of the edits of users, which cannot be derived again after a merge.

`graph.curation.entity_merge` stores it with the alias, and `graph.curation.unmerge`
restores from it. Everything else of an entity is derived from its mentions.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from graph.models import Entity, Relation


def edit_scope(entity: Entity) -> list[str]:
    """Return the names whose mentions the edited description of `entity` overrides."""
    aliases = entity.aliases.values_list("name", flat=True)
    return entity.edit_scope or [entity.name, *aliases]


def take(source: Entity, target: Entity) -> dict[str, Any]:
    """Return what must be stored before `source` is merged into `target`, as JSON."""
    return {
        "manual": source.manual,
        "edited_type": source.edited_type,
        "edited_description": source.edited_description,
        "edit_scope": source.edit_scope,
        "target_manual": target.manual,
        "target_type": target.edited_type,
        "relations": [
            _relation(relation, source, target)
            for relation in relations_of(source)
            if relation.manual or is_edited(relation)
        ],
    }


def relations_of(entity: Entity) -> list[Relation]:
    """Return the relations that have `entity` as an end, oldest first."""
    relations = Relation.objects.filter(Q(source=entity) | Q(target=entity))
    return list(relations.select_related("source", "target").order_by("pk"))


def relation_between(first: Entity, second: Entity) -> Relation | None:
    """Return the relation between two entities, if there is one."""
    ends = sorted((first.pk, second.pk))
    return Relation.objects.filter(source=ends[0], target=ends[1]).first()


def is_edited(relation: Relation) -> bool:
    """Return whether a user edited the relation."""
    text = relation.edited_description or relation.edited_keywords
    return bool(text) or relation.edited_weight is not None


def _relation(relation: Relation, source: Entity, target: Entity) -> dict[str, Any]:
    """Return the edits of a relation, and those of the one it will be combined with."""
    is_outgoing = relation.source_id == source.pk
    other = relation.target if is_outgoing else relation.source
    existing = relation_between(target, other)
    return {
        "other": other.name,
        "manual": relation.manual,
        "edited_description": relation.edited_description,
        "edited_keywords": relation.edited_keywords,
        "edited_weight": relation.edited_weight,
        "target_manual": bool(existing and existing.manual),
        "target_weight": existing.edited_weight if existing else None,
    }
