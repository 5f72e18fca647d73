"""The graph mended in place: entities renamed, merged, described, deleted."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from ninja import Schema
from pydantic import Field

from compat_api.pages import chosen, door
from graph import editing, fusion
from graph.editing import EntityChanges


class Change(Schema):
    """New values of the entity `name`; a name that is taken merges, if `merge` is set."""

    name: str
    new_name: str = Field(max_length=256)
    entity_type: str = Field(max_length=128)
    description: str = Field(max_length=100_000)
    merge: bool = False


class Named(Schema):
    """The entity of that name."""

    name: str


class Merge(Schema):
    """`name` goes into the entity `into`, which stays."""

    name: str
    into: str


@require_POST
@door.needs("graph.change_entity")
def change(request: HttpRequest) -> HttpResponse:
    """Raises EntityExists, told with the words to merge, where the name is taken."""
    body = Change.model_validate_json(request.body)
    changes = EntityChanges(body.new_name, body.entity_type, body.description)
    edited = editing.edit_entity(
        chosen.workspace(request).pk,
        body.name,
        changes,
        allow_rename=True,
        allow_merge=body.merge,
    )
    return JsonResponse({"name": edited.entity.name, "message": _("Saved")})


@require_POST
@door.needs("graph.change_entity")
def merge(request: HttpRequest) -> HttpResponse:
    """The given-up name stays as an alias, so later documents lead to the right entity."""
    body = Merge.model_validate_json(request.body)
    workspace = chosen.workspace(request)
    target = editing.find_entity(workspace.pk, body.into)
    into = fusion.merge_entities(workspace.pk, [body.name], target.name)
    return JsonResponse({"name": into.name, "message": _("Merged")})


@require_POST
@door.needs("graph.delete_entity")
def delete(request: HttpRequest) -> HttpResponse:
    """Delete the entity with its relations."""
    body = Named.model_validate_json(request.body)
    editing.delete_entity(chosen.workspace(request).pk, body.name)
    return JsonResponse({"message": _("Deleted")})
