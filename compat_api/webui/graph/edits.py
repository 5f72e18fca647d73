"""The graph mended in place: entities and relations made, changed, merged, deleted."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from ninja import Schema
from pydantic import Field

from compat_api.webui import permissions, selected_workspace
from graph.curation import edit, entity_merge, merge_preview, unmerge
from graph.curation.edit import EntityChanges, RelationChanges
from graph.models import Entity

Name = Annotated[str, Field(min_length=1, max_length=256)]
Words = Annotated[str, Field(max_length=100_000)]


class Named(Schema):
    """The entity, or the alias, of that name."""

    name: Name


class New(Named):
    """An entity that no document has named."""

    entity_type: str = Field("", max_length=128)
    description: Words


class Change(New):
    """New values of the entity `name`; a name that is taken merges, if `merge` is set."""

    new_name: Name
    merge: bool = False


class Merge(Named):
    """`name` goes into the entity `into`, which stays."""

    into: Name


class Ends(Schema):
    """The relation between these two, whichever is named first."""

    one: Name
    other: Name


class Relating(Ends):
    """A relation, new or changed. `weight` counts the passages that say it."""

    description: Words
    keywords: Words = ""
    weight: float | None = Field(None, ge=0, le=1e9, allow_inf_nan=False)

    @property
    def changes(self) -> RelationChanges:
        return RelationChanges(self.description, self.keywords, self.weight)


def told(entity: Entity, message: str, undo: str = "") -> HttpResponse:
    """The entity as it is now; `undo` is the alias by which the change is undone."""
    return JsonResponse(
        {"id": entity.pk, "name": entity.name, "message": message, "undo": undo}
    )


@require_POST
@permissions.needs("graph.add_entity")
def create(request: HttpRequest) -> HttpResponse:
    """Raises EntityExists, also for the alias of another."""
    body = New.model_validate_json(request.body)
    fields = EntityChanges(None, body.entity_type, body.description)
    made = edit.create_entity(
        selected_workspace.workspace(request).pk, body.name, fields
    )
    return told(made, _("Created"))


@require_POST
@permissions.needs("graph.change_entity")
def change(request: HttpRequest) -> HttpResponse:
    """Raises EntityExists, told with the words to merge, where the name is taken."""
    body = Change.model_validate_json(request.body)
    edited = edit.edit_entity(
        selected_workspace.workspace(request).pk,
        body.name,
        EntityChanges(body.new_name, body.entity_type, body.description),
        allow_rename=True,
        allow_merge=body.merge,
    )
    undo = body.name if edited.merged or edited.renamed else ""
    return told(edited.entity, _("Saved"), undo)


@permissions.needs("graph.change_entity")
def foresee(request: HttpRequest) -> HttpResponse:
    """What `name` and `into` would become: shown before they are merged."""
    body = Merge.model_validate(request.GET.dict())
    workspace = selected_workspace.workspace(request)
    target = edit.find_entity(workspace.pk, body.into)
    found = merge_preview.preview(workspace.pk, [body.name], target.name)
    return render(request, "pages/graph_foreseen.html", {"found": found})


@require_POST
@permissions.needs("graph.change_entity")
def merge(request: HttpRequest) -> HttpResponse:
    """The given-up name stays as an alias, so later documents lead to the right entity."""
    body = Merge.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    target = edit.find_entity(workspace.pk, body.into)
    into = entity_merge.merge_entities(workspace.pk, [body.name], target.name)
    return told(into, _("Merged"), undo=body.name)


@require_POST
@permissions.needs("graph.change_entity")
def split(request: HttpRequest) -> HttpResponse:
    """Undo a merge or a renaming: what is called by this alias stands alone again."""
    body = Named.model_validate_json(request.body)
    again = unmerge.split_entity(selected_workspace.workspace(request).pk, body.name)
    name = again.name if again else ""
    return JsonResponse({"name": name, "message": _("Taken apart"), "undo": ""})


@require_POST
@permissions.needs("graph.delete_entity")
def delete(request: HttpRequest) -> HttpResponse:
    """Delete the entity with its relations."""
    body = Named.model_validate_json(request.body)
    edit.delete_entity(selected_workspace.workspace(request).pk, body.name)
    return JsonResponse({"message": _("Deleted")})


@require_POST
@permissions.needs("graph.add_relation")
def relate(request: HttpRequest) -> HttpResponse:
    """Raises RelationExists."""
    body = Relating.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    edit.create_relation(workspace.pk, body.one, body.other, body.changes)
    return JsonResponse({"message": _("Created")})


@require_POST
@permissions.needs("graph.change_relation")
def change_relation(request: HttpRequest) -> HttpResponse:
    """A weight below the number of its passages is refused."""
    body = Relating.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    edit.edit_relation(workspace.pk, body.one, body.other, body.changes)
    return JsonResponse({"message": _("Saved")})


@require_POST
@permissions.needs("graph.delete_relation")
def delete_relation(request: HttpRequest) -> HttpResponse:
    """Delete what joins the two; they themselves stay."""
    body = Ends.model_validate_json(request.body)
    edit.delete_relation(selected_workspace.workspace(request).pk, body.one, body.other)
    return JsonResponse({"message": _("Deleted")})
