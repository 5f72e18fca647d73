"""`/workspaces`: the knowledge bases of this server. LightRAG has no such routes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Count, IntegerField, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from ninja import Router, Status

from compat_api.auth import callers
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
    """List the workspaces that the caller may access, with their sizes."""
    caller = callers.of(request)
    rows = counted().order_by("name")
    if caller.workspaces is not None:
        rows = rows.filter(pk__in=caller.workspaces)
    return {"workspaces": [shape(row) for row in rows]}


@router.post("/workspaces", auth=ADMIN, response={201: WorkspaceShape})
def create_workspace(request: HttpRequest, body: NewName) -> Status[dict[str, Any]]:
    """Create an empty workspace for the server's embedding model."""
    caller = callers.of(request)
    if caller.workspaces is not None:
        raise Forbidden(
            f"'{caller.name}' is limited to certain workspaces and can't create others."
        )
    return Status(201, shape(with_counts(workspace_lifecycle.create(body.name))))


@router.get("/workspaces/{name}", auth=READ, response=WorkspaceShape)
def get_workspace(request: HttpRequest, name: str) -> dict[str, Any]:
    """Return one workspace."""
    return shape(with_counts(callers.workspace(request, name)))


@router.patch("/workspaces/{name}", auth=ADMIN, response=WorkspaceShape)
def rename_workspace(request: HttpRequest, name: str, body: NewName) -> dict[str, Any]:
    """Rename a workspace and its folder. API keys for it stay valid."""
    workspace = callers.workspace(request, name)
    return shape(with_counts(workspace_lifecycle.rename(workspace, body.name)))


@router.delete("/workspaces/{name}", auth=ADMIN, response=DeletedWorkspace)
def delete_workspace(
    request: HttpRequest,
    name: str,
    delete_files: bool = True,  # noqa: FBT001, FBT002 - a query parameter
) -> dict[str, str]:
    """Delete a workspace with its documents, graph, cache and files.

    Documents may be processed meanwhile.
    """
    workspace = callers.workspace(request, name)
    workspace_lifecycle.delete(workspace, delete_files=delete_files)
    return {"status": "success", "message": f"Workspace '{workspace.name}' is deleted."}


def with_counts(workspace: Workspace) -> Workspace:
    """Return the workspace with its counts."""
    return counted().get(pk=workspace.pk)


def counted() -> QuerySet[Workspace]:
    """Return the workspaces with `n_documents`, `n_entities` and `n_relations`."""
    return Workspace.objects.annotate(
        n_documents=number_of(Document),
        n_entities=number_of(Entity),
        n_relations=number_of(Relation),
    )


def number_of(model: type[Model]) -> Coalesce:
    """Return an expression for the number of rows of the model in a workspace."""
    rows = model._default_manager.filter(workspace=OuterRef("pk")).order_by()
    counts = rows.values("workspace").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counts), 0, output_field=IntegerField())


def shape(row: Any) -> dict[str, Any]:
    """Return the response for a workspace that `counted` returned."""
    default_name = lookup.clean_name(settings.LIGHTRAG.server.workspace)
    return {
        "name": row.name,
        "embedding_model": row.embedding_model,
        "embedding_dimensions": row.embedding_dimensions,
        "documents": row.n_documents,
        "entities": row.n_entities,
        "relations": row.n_relations,
        "created_at": row.created_at,
        "is_default": row.name == default_name,
    }
