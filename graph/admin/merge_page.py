"""Merging entities: which of them stays is chosen on a page that shows what will be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.admin import helpers
from django.db import connection
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from documents.admin_kit.panels import prose
from graph.curation import entity_merge
from graph.errors import GraphError
from graph.models import Entity

if TYPE_CHECKING:
    from graph.admin.entities import EntityAdmin

# Neighbours of the one that will be; relations among the merged vanish.
AFTERWARDS = """
SELECT count(DISTINCT other), count(DISTINCT id) FILTER (WHERE other IS NULL)
FROM (
    SELECT r.id, CASE
        WHEN r.source_id <> ALL(%(ids)s) THEN r.source_id
        WHEN r.target_id <> ALL(%(ids)s) THEN r.target_id
    END AS other
    FROM graph_relation r
    WHERE r.source_id = ANY(%(ids)s) OR r.target_id = ANY(%(ids)s)
) AS ends
"""


@dataclass(frozen=True, slots=True)
class Preview:
    """What the merged entity will be made of."""

    entities: Sequence[Entity]
    target: Entity
    mentions: int
    relations: int
    vanishing: int

    @property
    def choices(self) -> list[tuple[Entity, SafeString]]:
        """Each entity, and what is known of it."""
        return [(e, prose(e.description, 300)) for e in self.entities]


def show(
    model_admin: EntityAdmin, request: HttpRequest, chosen: QuerySet[Entity]
) -> HttpResponse | None:
    """The page; once confirmed, the merged entity. None leads back to the list."""
    entities = list(chosen.order_by("-degree", "name"))
    wrong = refusal(entities)
    if wrong:
        model_admin.message_user(request, wrong, messages.WARNING)
        return None
    target = _target(entities, request.POST.get("target", ""))
    if "confirm" in request.POST:
        return _merge(model_admin, request, entities, target)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Merge entities"),
        "opts": model_admin.opts,
        "preview": preview(entities, target),
        "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/graph/merge.html", context)


def refusal(entities: Sequence[Entity]) -> str:
    """Why these can't be merged; empty when they can."""
    if len(entities) < 2:
        return _("Select two entities or more.")
    if len({entity.workspace_id for entity in entities}) > 1:
        return _("Entities of different workspaces cannot be merged.")
    return ""


def _target(entities: Sequence[Entity], asked: str) -> Entity:
    """The one asked for, else the best connected."""
    return next((e for e in entities if str(e.pk) == asked), entities[0])


def preview(entities: Sequence[Entity], target: Entity) -> Preview:
    """Counted by two statements; nothing is changed."""
    ids = [entity.pk for entity in entities]
    counts = Entity.objects.filter(pk__in=ids).aggregate(n=Count("mentions"))
    with connection.cursor() as cursor:
        cursor.execute(AFTERWARDS, {"ids": ids})
        relations, vanishing = cursor.fetchone()
    return Preview(entities, target, counts["n"], relations, vanishing)


def _merge(
    model_admin: EntityAdmin,
    request: HttpRequest,
    entities: Sequence[Entity],
    target: Entity,
) -> HttpResponse | None:
    sources = [entity.name for entity in entities if entity.pk != target.pk]
    try:
        merged = entity_merge.merge_entities(target.workspace_id, sources, target.name)
    except GraphError as error:
        model_admin.message_user(request, str(error), messages.ERROR)
        return None
    model_admin.log_change(request, merged, _("Merged in: %s.") % ", ".join(sources))
    text = _(
        "%(n)d entities are one now: “%(name)s”. To undo it, split the aliases off again."
    )
    values = {"n": len(sources) + 1, "name": merged.name}
    model_admin.message_user(request, text % values, messages.SUCCESS)
    url = reverse("admin:graph_entity_change", args=[merged.pk])
    return HttpResponseRedirect(url)
