"""`/workspaces`: the knowledge bases of this server, which upstream cannot name."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Count, IntegerField, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from ninja import Router, Status

from compat_api.auth import callers, workspace_access
from compat_api.auth.callers import Forbidden
from compat_api.auth.permissions import ADMIN, READ
from compat_api.lightrag.schemas.workspaces import (
    DeletedWorkspace,
    NewName,
    WorkspaceList,
    WorkspaceShape,
)
from documents.lifecycle import workspace_lifecycle
from documents.models import Document, Workspace
from documents.workspaces import lookup
from graph.models import Entity, Relation

router = Router(tags=["workspaces"])


@router.get("/workspaces", auth=READ, response=WorkspaceList)
def list_workspaces(request: HttpRequest) -> dict[str, Any]:
    """Those that the caller may enter, with how much they hold."""
    caller = callers.of(request)
    rows = counted().order_by("name")
    if caller.workspaces is not None:
        rows = rows.filter(pk__in=caller.workspaces)
    return {"workspaces": [shape(row) for row in rows]}


@router.post("/workspaces", auth=ADMIN, response={201: WorkspaceShape})
def create_workspace(request: HttpRequest, body: NewName) -> Status[dict[str, Any]]:
    """Make an empty one, for the embedding model the server is set up with."""
    caller = callers.of(request)
    if caller.workspaces is not None:
        raise Forbidden(f"'{caller.name}' is bound to the workspaces it has.")
    return Status(201, shape(one(workspace_lifecycle.create(body.name))))


@router.get("/workspaces/{name}", auth=READ, response=WorkspaceShape)
def get_workspace(request: HttpRequest, name: str) -> dict[str, Any]:
    """One of them."""
    return shape(one(workspace_access.workspace(request, name)))


@router.patch("/workspaces/{name}", auth=ADMIN, response=WorkspaceShape)
def rename_workspace(request: HttpRequest, name: str, body: NewName) -> dict[str, Any]:
    """Give it another name; its files move along, and its keys go on opening it."""
    found = workspace_access.workspace(request, name)
    return shape(one(workspace_lifecycle.rename(found, body.name)))


@router.delete("/workspaces/{name}", auth=ADMIN, response=DeletedWorkspace)
def delete_workspace(
    request: HttpRequest,
    name: str,
    delete_files: bool = True,  # noqa: FBT001, FBT002 - of the address
) -> dict[str, str]:
    """Delete it with its documents, graph, cache and files, also while it is at work."""
    found = workspace_access.workspace(request, name)
    workspace_lifecycle.delete(found, delete_files=delete_files)
    return {"status": "success", "message": f"Workspace '{found.name}' is deleted."}


def one(workspace: Workspace) -> Workspace:
    return counted().get(pk=workspace.pk)


def counted() -> QuerySet[Workspace]:
    """With `n_documents`, `n_entities` and `n_relations`; one statement."""
    return Workspace.objects.annotate(
        n_documents=number_of(Document),
        n_entities=number_of(Entity),
        n_relations=number_of(Relation),
    )


def number_of(model: type[Model]) -> Coalesce:
    """How many of them a workspace has."""
    mine = model._default_manager.filter(workspace=OuterRef("pk")).order_by()
    counts = mine.values("workspace").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counts), 0, output_field=IntegerField())


def shape(row: Any) -> dict[str, Any]:
    """What is told of a workspace that was `counted`."""
    own = lookup.clean_name(settings.LIGHTRAG.server.workspace)
    return {
        "name": row.name,
        "embedding_model": row.embedding_model,
        "embedding_dimensions": row.embedding_dimensions,
        "documents": row.n_documents,
        "entities": row.n_entities,
        "relations": row.n_relations,
        "created_at": row.created_at,
        "is_default": row.name == own,
    }
