"""`/graphs` and `/graph/…`: look at the knowledge graph and change it (docs/lightrag.md A.4)."""

from __future__ import annotations

from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from compat_api.auth import workspace_access
from compat_api.auth.permissions import READ, WRITE
from compat_api.lightrag import graph_payload as shapes
from compat_api.lightrag.schemas.graph import (
    DeleteEntityRequest,
    DeleteRelationRequest,
    DeletionResult,
    EntityCreateRequest,
    EntityMergeRequest,
    EntitySplitRequest,
    EntityUpdateRequest,
    Existence,
    KnowledgeGraph,
    RelationCreateRequest,
    RelationUpdateRequest,
    check_known,
)
from graph.curation import edit, entity_merge, unmerge
from graph.queries import subgraph

router = Router(tags=["graph"])
Positive = Annotated[int, Field(ge=1)]
UpTo100 = Annotated[int, Field(ge=1, le=100)]
UpTo1000 = Annotated[int, Field(ge=1, le=1000)]


@router.get("/graphs", auth=READ, response=KnowledgeGraph)
def get_graph(
    request: HttpRequest,
    label: str,
    max_depth: Positive = 3,
    max_nodes: Positive = 1000,
) -> dict[str, Any]:
    """The neighbourhood of an entity, or the best connected part of all for `*`."""
    most = min(max_nodes, settings.LIGHTRAG.server.max_graph_nodes)
    workspace = workspace_access.workspace(request)
    return shapes.graph(subgraph.subgraph(workspace.pk, label, max_depth, most))


@router.get("/graph/label/list", auth=READ, response=list[str])
def list_labels(request: HttpRequest) -> list[str]:
    """The names of all entities, sorted."""
    return subgraph.labels(workspace_access.workspace(request).pk)


@router.get("/graph/label/popular", auth=READ, response=list[str])
def popular_labels(request: HttpRequest, limit: UpTo1000 = 300) -> list[str]:
    """The names of the entities with most relations, those with more first."""
    return subgraph.popular(workspace_access.workspace(request).pk, limit)


@router.get("/graph/label/search", auth=READ, response=list[str])
def search_labels(request: HttpRequest, q: str, limit: UpTo100 = 50) -> list[str]:
    """The names that hold these letters, the closest first."""
    return subgraph.search(workspace_access.workspace(request).pk, q, limit)


@router.get("/graph/entity/exists", auth=READ, response=Existence)
def entity_exists(request: HttpRequest, name: str) -> dict[str, bool]:
    """Whether there is an entity of exactly this name."""
    return {
        "exists": bool(subgraph.entity(workspace_access.workspace(request).pk, name))
    }


@router.post("/graph/entity/edit", auth=WRITE, response=dict[str, Any])
def edit_entity(request: HttpRequest, body: EntityUpdateRequest) -> dict[str, Any]:
    """Change an entity; rename it, and merge it where the name is taken, if allowed."""
    check_known(body.updated_data, "entity")
    workspace = workspace_access.workspace(request)
    edited = edit.edit_entity(
        workspace.pk,
        body.entity_name,
        body.updated_data.changes(),
        allow_rename=body.allow_rename,
        allow_merge=body.allow_merge,
    )
    return shapes.edited(workspace.pk, edited)


@router.post("/graph/relation/edit", auth=WRITE, response=dict[str, Any])
def edit_relation(request: HttpRequest, body: RelationUpdateRequest) -> dict[str, Any]:
    """Change a relation; the order of its ends does not matter."""
    check_known(body.updated_data, "relation")
    workspace = workspace_access.workspace(request)
    relation = edit.edit_relation(
        workspace.pk, body.source_id, body.target_id, body.updated_data.changes()
    )
    return shapes.relation_answer("Relation updated successfully", relation)


@router.post("/graph/entity/create", auth=WRITE, response=dict[str, Any])
def create_entity(request: HttpRequest, body: EntityCreateRequest) -> dict[str, Any]:
    """Make an entity that no document needs to mention."""
    workspace = workspace_access.workspace(request)
    made = edit.create_entity(
        workspace.pk, body.entity_name, body.entity_data.changes()
    )
    message = f"Entity '{made.name}' created successfully"
    return shapes.entity_answer(message, workspace.pk, made.name)


@router.post("/graph/relation/create", auth=WRITE, response=dict[str, Any])
def create_relation(
    request: HttpRequest, body: RelationCreateRequest
) -> dict[str, Any]:
    """Make a relation between two entities that exist."""
    workspace = workspace_access.workspace(request)
    made = edit.create_relation(
        workspace.pk,
        body.source_entity,
        body.target_entity,
        body.relation_data.changes(),
    )
    ends = f"'{body.source_entity}' and '{body.target_entity}'"
    message = f"Relation created successfully between {ends}"
    return shapes.relation_answer(message, made)


@router.post("/graph/entities/merge", auth=WRITE, response=dict[str, Any])
def merge_entities(request: HttpRequest, body: EntityMergeRequest) -> dict[str, Any]:
    """Make several entities one; the target is made where it does not exist."""
    workspace = workspace_access.workspace(request)
    sources = body.entities_to_change
    into = entity_merge.merge_entities(
        workspace.pk, sources, body.entity_to_change_into
    )
    message = f"Successfully merged {len(sources)} entities into '{into.name}'"
    return shapes.entity_answer(message, workspace.pk, into.name)


@router.post("/graph/entities/split", auth=WRITE, response=dict[str, Any])
def split_entity(request: HttpRequest, body: EntitySplitRequest) -> dict[str, Any]:
    """Undo a merge or a renaming: what was called `alias` is an entity again.

    LightRAG has no such route.
    """
    workspace = workspace_access.workspace(request)
    made = unmerge.split_entity(workspace.pk, body.alias)
    if made is None:
        message = f"'{body.alias}' is no alias any more, and nothing speaks of it"
        return {"status": "success", "message": message, "data": None}
    message = f"'{body.alias}' is an entity again"
    return shapes.entity_answer(message, workspace.pk, made.name)


@router.get("/graph/entity/aliases", auth=READ, response=list[str])
def list_aliases(request: HttpRequest, name: str) -> list[str]:
    """The names that an entity was called by before it was renamed or merged."""
    entity = edit.find_entity(workspace_access.workspace(request).pk, name)
    return list(entity.aliases.order_by("name").values_list("name", flat=True))


@router.delete(
    "/documents/delete_entity",
    auth=WRITE,
    response=DeletionResult,
    tags=["documents"],
    operation_id="delete_entity_as_1_4_4",
)
@router.delete("/graph/entity/delete", auth=WRITE, response=DeletionResult)
def delete_entity(request: HttpRequest, body: DeleteEntityRequest) -> dict[str, Any]:
    """Delete an entity with its relations."""
    workspace = workspace_access.workspace(request)
    found = edit.find_entity(workspace.pk, body.entity_name)
    edit.delete_entity(workspace.pk, body.entity_name)
    message = f"Entity Delete: remove '{found.name}' and its {found.degree} relations"
    return {"message": message}


@router.delete(
    "/documents/delete_relation",
    auth=WRITE,
    response=DeletionResult,
    tags=["documents"],
    operation_id="delete_relation_as_1_4_4",
)
@router.delete("/graph/relation/delete", auth=WRITE, response=DeletionResult)
def delete_relation(
    request: HttpRequest, body: DeleteRelationRequest
) -> dict[str, Any]:
    """Delete a relation; its ends stay."""
    workspace = workspace_access.workspace(request)
    edit.delete_relation(workspace.pk, body.source_entity, body.target_entity)
    one, other = sorted((body.source_entity, body.target_entity))
    return {"message": f"Relation Delete: `{one}`~`{other}` deleted successfully"}
