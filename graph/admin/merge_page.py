"""Admin page that merges entities: it asks which one is kept and shows the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.admin import helpers
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from documents.admin_kit.panels import prose
from graph.curation import entity_merge, merge_preview
from graph.curation.merge_preview import MergePreview
from graph.errors import GraphError
from graph.models import Entity

if TYPE_CHECKING:
    from graph.admin.entities import EntityAdmin


@dataclass(frozen=True, slots=True)
class Preview:
    """The entities to merge, the one that is kept, and the result."""

    entities: Sequence[Entity]
    target: Entity
    merged: MergePreview

    @property
    def choices(self) -> list[tuple[Entity, SafeString]]:
        """Each entity with the beginning of its description."""
        return [(e, prose(e.description, 300)) for e in self.entities]


def show(
    model_admin: EntityAdmin, request: HttpRequest, chosen: QuerySet[Entity]
) -> HttpResponse | None:
    """Return the page or, once confirmed, a redirect to the merged entity.

    None makes the admin show the list again.
    """
    entities = list(chosen.order_by("-degree", "name"))
    problem = refusal(entities)
    if problem:
        model_admin.message_user(request, problem, messages.WARNING)
        return None
    target = _target(entities, request.POST.get("target", ""))
    if "confirm" in request.POST:
        return _merge(model_admin, request, entities, target)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Merge entities"),
        "opts": model_admin.opts,
        "preview": _preview(entities, target),
        "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/graph/merge.html", context)


def refusal(entities: Sequence[Entity]) -> str:
    """Return why the entities can't be merged, or an empty string."""
    if len(entities) < 2:
        return _("Select two entities or more.")
    if len({entity.workspace_id for entity in entities}) > 1:
        return _("Entities of different workspaces cannot be merged.")
    return ""


def _target(entities: Sequence[Entity], selected: str) -> Entity:
    """Return the selected entity, else the one of the highest degree."""
    return next((e for e in entities if str(e.pk) == selected), entities[0])


def _preview(entities: Sequence[Entity], target: Entity) -> Preview:
    sources = [entity.name for entity in entities if entity.pk != target.pk]
    merged = merge_preview.preview(target.workspace_id, sources, target.name)
    return Preview(entities, target, merged)


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
    model_admin.log_change(
        request, merged, _("Merged entities: %s.") % ", ".join(sources)
    )
    text = _(
        "%(n)d entities were merged into “%(name)s”. "
        "To undo this, open the entity and unmerge its aliases."
    )
    values = {"n": len(sources) + 1, "name": merged.name}
    model_admin.message_user(request, text % values, messages.SUCCESS)
    url = reverse("admin:graph_entity_change", args=[merged.pk])
    return HttpResponseRedirect(url)
