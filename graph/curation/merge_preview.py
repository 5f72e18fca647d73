"""What a merge would come to: it is done, looked at, and rolled back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from graph.curation import entity_merge
from graph.models import SEPARATOR, Entity


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The merged entity as it would be; `vanishing` relations were among the merged."""

    name: str
    entity_type: str
    fragments: tuple[str, ...]
    aliases: tuple[str, ...]
    passages: int
    relations: int
    vanishing: int


def merge(workspace_id: int, sources: Sequence[str], target: str) -> Foreseen:
    """Nothing is changed, nor does anybody see it. Raises what the merge would."""
    with transaction.atomic():
        inner = _among(workspace_id, [*sources, target])
        merged = entity_merge.merge_entities(workspace_id, sources, target)
        found = _seen(merged, inner)
        transaction.set_rollback(True)
    return found


def _seen(entity: Entity, vanishing: int) -> Foreseen:
    return Foreseen(
        name=entity.name,
        entity_type=entity.entity_type,
        fragments=tuple(filter(None, entity.description.split(SEPARATOR))),
        aliases=tuple(entity.aliases.order_by("name").values_list("name", flat=True)),
        passages=entity.mentions.values("chunk").distinct().count(),
        relations=entity.degree,
        vanishing=vanishing,
    )


def _among(workspace_id: int, names: Sequence[str]) -> int:
    """Relations that have both ends among these."""
    known = Entity.objects.filter(workspace=workspace_id, name__in=names)
    return sum(
        entity.relations_out.filter(target__in=known).count() for entity in known
    )
