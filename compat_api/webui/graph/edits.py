"""Edits of the graph: create, change, merge and delete entities and relations."""

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
LongText = Annotated[str, Field(max_length=100_000)]


class EntityName(Schema):
    """The name or an alias of an entity."""

    name: Name


class NewEntity(EntityName):
    """An entity that a user creates."""

    entity_type: str = Field("", max_length=128)
    description: LongText


class ChangedEntity(NewEntity):
    """New values of the entity `name`.

    With `merge`, the entity is merged into the one that has the new name.
    """

    new_name: Name
    merge: bool = False


class MergeRequest(EntityName):
    """A merge of the entity `name` into the entity `into`."""

    into: Name


class RelationEnds(Schema):
    """The relation between two entities, in either direction."""

    source: Name
    target: Name


class RelationFields(RelationEnds):
    """A new or changed relation. `weight` is the number of chunks that mention it."""

    description: LongText
    keywords: LongText = ""
    weight: float | None = Field(None, ge=0, le=1e9, allow_inf_nan=False)

    @property
    def changes(self) -> RelationChanges:
        return RelationChanges(self.description, self.keywords, self.weight)


def entity_response(entity: Entity, message: str, undo: str = "") -> HttpResponse:
    """Return the entity; `undo` is the alias that undoes the change."""
    return JsonResponse(
        {"id": entity.pk, "name": entity.name, "message": message, "undo": undo}
    )


@require_POST
@permissions.needs("graph.add_entity")
def create(request: HttpRequest) -> HttpResponse:
    """Create an entity. Answers 409 if the name or alias is taken."""
    body = NewEntity.model_validate_json(request.body)
    fields = EntityChanges(None, body.entity_type, body.description)
    workspace = selected_workspace.workspace(request)
    entity = edit.create_entity(workspace.pk, body.name, fields)
    return entity_response(entity, _("Created"))


@require_POST
@permissions.needs("graph.change_entity")
def change(request: HttpRequest) -> HttpResponse:
    """Change an entity. Answers 409 if the new name is taken, unless `merge` is set."""
    body = ChangedEntity.model_validate_json(request.body)
    edited = edit.edit_entity(
        selected_workspace.workspace(request).pk,
        body.name,
        EntityChanges(body.new_name, body.entity_type, body.description),
        allow_rename=True,
        allow_merge=body.merge,
    )
    undo = body.name if edited.merged or edited.renamed else ""
    return entity_response(edited.entity, _("Saved"), undo)


@permissions.needs("graph.change_entity")
def preview(request: HttpRequest) -> HttpResponse:
    """Show the entity that a merge would result in."""
    body = MergeRequest.model_validate(request.GET.dict())
    workspace = selected_workspace.workspace(request)
    target = edit.find_entity(workspace.pk, body.into)
    result = merge_preview.preview(workspace.pk, [body.name], target.name)
    return render(request, "webui/graph_merge_preview.html", {"preview": result})


@require_POST
@permissions.needs("graph.change_entity")
def merge(request: HttpRequest) -> HttpResponse:
    """Merge an entity into another. Its name becomes an alias of the other."""
    body = MergeRequest.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    target = edit.find_entity(workspace.pk, body.into)
    merged = entity_merge.merge_entities(workspace.pk, [body.name], target.name)
    return entity_response(merged, _("Merged"), undo=body.name)


@require_POST
@permissions.needs("graph.change_entity")
def unmerge_alias(request: HttpRequest) -> HttpResponse:
    """Undo the merge or rename that created the alias."""
    body = EntityName.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    entity = unmerge.split_entity(workspace.pk, body.name)
    name = entity.name if entity else ""
    return JsonResponse({"name": name, "message": _("Merge undone"), "undo": ""})


@require_POST
@permissions.needs("graph.delete_entity")
def delete(request: HttpRequest) -> HttpResponse:
    """Delete an entity and its relations."""
    body = EntityName.model_validate_json(request.body)
    edit.delete_entity(selected_workspace.workspace(request).pk, body.name)
    return JsonResponse({"message": _("Deleted")})


@require_POST
@permissions.needs("graph.add_relation")
def create_relation(request: HttpRequest) -> HttpResponse:
    """Create a relation. Answers 400 if the two entities have one already."""
    body = RelationFields.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    edit.create_relation(workspace.pk, body.source, body.target, body.changes)
    return JsonResponse({"message": _("Created")})


@require_POST
@permissions.needs("graph.change_relation")
def change_relation(request: HttpRequest) -> HttpResponse:
    """Change a relation. Answers 400 if the weight is less than its mentions."""
    body = RelationFields.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    edit.edit_relation(workspace.pk, body.source, body.target, body.changes)
    return JsonResponse({"message": _("Saved")})


@require_POST
@permissions.needs("graph.delete_relation")
def delete_relation(request: HttpRequest) -> HttpResponse:
    """Delete a relation and keep its entities."""
    body = RelationEnds.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    edit.delete_relation(workspace.pk, body.source, body.target)
    return JsonResponse({"message": _("Deleted")})
