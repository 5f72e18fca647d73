"""Panels below the fields on an entity's page."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from documents.admin_kit.panels import ROWS, Panel, list_of, page_of, prose
from graph.models import Entity, EntityMention, Relation


def of(entity: Entity) -> list[Panel]:
    """Return the panels of an entity. Three queries."""
    return [relations(entity), mentions(entity)]


def relations(entity: Entity) -> Panel:
    """Return the relations of the highest weight."""
    ends = Q(source=entity) | Q(target=entity)
    relations = Relation.objects.filter(ends).select_related("source", "target")
    rows = [_relation(r, entity) for r in relations.order_by("-weight", "pk")[:ROWS]]
    return Panel(
        title=_("Relations"),
        headers=[_("Related to"), _("Keywords"), _("Description"), _("Weight")],
        rows=rows,
        total=entity.degree,
        more_url=list_of("graph_relation", entity=entity.pk),
        empty=_("No relations."),
    )


def _relation(relation: Relation, entity: Entity) -> Sequence[object]:
    other = relation.target if relation.source_id == entity.pk else relation.source
    return [
        page_of("graph_entity", other.pk, other.name),
        relation.keywords,
        page_of("graph_relation", relation.pk, prose(relation.description)),
        f"{relation.weight:g}",
    ]


def mentions(entity: Entity) -> Panel:
    """Return the newest mentions."""
    newest = entity.mentions.order_by("-pk").select_related("chunk__document")
    listed = newest.defer("chunk__content", "chunk__document__metadata")
    return Panel(
        title=_("Mentions"),
        headers=[_("Chunk"), _("Name in text"), _("Type"), _("Description")],
        rows=[_mention(mention) for mention in listed[:ROWS]],
        total=entity.mentions.count(),
        more_url=list_of("graph_entitymention", entity__id__exact=entity.pk),
        empty=_("No document mentions it."),
    )


def _mention(mention: EntityMention) -> Sequence[object]:
    chunk = mention.chunk
    title = f"{chunk.document.name} · {chunk.order + 1}"
    return [
        page_of("documents_chunk", chunk.pk, title),
        mention.mentioned_name,
        mention.entity_type,
        prose(mention.description, 400),
    ]
