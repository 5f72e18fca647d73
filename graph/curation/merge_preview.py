"""Preview of a merge: it is executed, its result is read, and it is rolled back.

So the preview can't differ from the merge. Other transactions do not see it, but
writers of the workspace wait for it as for a merge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from graph.curation import entity_merge
from graph.models import SEPARATOR, Entity


@dataclass(frozen=True, slots=True)
class MergePreview:
    """The entity after the merge.

    `dropped_relations` is the number of relations between the merged entities, which
    the merge deletes.
    """

    name: str
    entity_type: str
    fragments: tuple[str, ...]
    aliases: tuple[str, ...]
    chunks: int
    mentions: int
    relations: int
    dropped_relations: int


def preview(workspace_id: int, sources: Sequence[str], target: str) -> MergePreview:
    """Return the result of a merge without changing anything.

    Raises what `entity_merge.merge_entities` raises.
    """
    with transaction.atomic():
        dropped = _count_relations_among(workspace_id, [*sources, target])
        merged = entity_merge.merge_entities(workspace_id, sources, target)
        result = _describe(merged, dropped)
        transaction.set_rollback(True)
    return result


def _describe(entity: Entity, dropped_relations: int) -> MergePreview:
    return MergePreview(
        name=entity.name,
        entity_type=entity.entity_type,
        fragments=tuple(filter(None, entity.description.split(SEPARATOR))),
        aliases=tuple(entity.aliases.order_by("name").values_list("name", flat=True)),
        chunks=entity.mentions.values("chunk").distinct().count(),
        mentions=entity.mentions.count(),
        relations=entity.degree,
        dropped_relations=dropped_relations,
    )


def _count_relations_among(workspace_id: int, names: Sequence[str]) -> int:
    entities = Entity.objects.filter(workspace=workspace_id, name__in=names)
    return sum(
        entity.relations_out.filter(target__in=entities).count() for entity in entities
    )
