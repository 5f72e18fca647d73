"""`/graphs` and `/graph/…`: read and edit the graph (docs/lightrag.md A.4)."""

from __future__ import annotations

from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from compat_api.auth import callers
from compat_api.auth.permissions import READ, WRITE
from compat_api.lightrag import graph_payload
from compat_api.lightrag.schemas.graph import (
    CypherAnswer,
    CypherRequest,
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
from graph.age import agtype, run_cypher
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
    """Return the neighbourhood of an entity, or for `*` the best connected entities."""
    limit = min(max_nodes, settings.LIGHTRAG.server.max_graph_nodes)
    workspace = callers.workspace(request)
    return graph_payload.graph(subgraph.subgraph(workspace.pk, label, max_depth, limit))


@router.get("/graph/label/list", auth=READ, response=list[str])
def list_labels(request: HttpRequest) -> list[str]:
    """List the names of all entities, sorted."""
    return subgraph.labels(callers.workspace(request).pk)


@router.get("/graph/label/popular", auth=READ, response=list[str])
def popular_labels(request: HttpRequest, limit: UpTo1000 = 300) -> list[str]:
    """List the names of the entities with the most relations first."""
    return subgraph.popular(callers.workspace(request).pk, limit)


@router.get("/graph/label/search", auth=READ, response=list[str])
def search_labels(request: HttpRequest, q: str, limit: UpTo100 = 50) -> list[str]:
    """List the entity names that contain the text `q`, the closest match first."""
    return subgraph.search(callers.workspace(request).pk, q, limit)


@router.get("/graph/entity/exists", auth=READ, response=Existence)
def entity_exists(request: HttpRequest, name: str) -> dict[str, bool]:
    """Return whether an entity of exactly this name exists."""
    return {"exists": bool(subgraph.entity(callers.workspace(request).pk, name))}


@router.post("/graph/entity/edit", auth=WRITE, response=dict[str, Any])
def edit_entity(request: HttpRequest, body: EntityUpdateRequest) -> dict[str, Any]:
    """Edit an entity. Rename it, or merge it into an existing name, if allowed."""
    check_known(body.updated_data, "entity")
    workspace = callers.workspace(request)
    edited = edit.edit_entity(
        workspace.pk,
        body.entity_name,
        body.updated_data.changes(),
        allow_rename=body.allow_rename,
        allow_merge=body.allow_merge,
    )
    return graph_payload.edited(workspace.pk, edited)


@router.post("/graph/relation/edit", auth=WRITE, response=dict[str, Any])
def edit_relation(request: HttpRequest, body: RelationUpdateRequest) -> dict[str, Any]:
    """Edit a relation; the order of its two entities does not matter."""
    check_known(body.updated_data, "relation")
    workspace = callers.workspace(request)
    relation = edit.edit_relation(
        workspace.pk, body.source_id, body.target_id, body.updated_data.changes()
    )
    return graph_payload.relation_answer("Relation updated successfully", relation)


@router.post("/graph/entity/create", auth=WRITE, response=dict[str, Any])
def create_entity(request: HttpRequest, body: EntityCreateRequest) -> dict[str, Any]:
    """Create an entity. No document needs to mention it."""
    workspace = callers.workspace(request)
    entity = edit.create_entity(
        workspace.pk, body.entity_name, body.entity_data.changes()
    )
    message = f"Entity '{entity.name}' created successfully"
    return graph_payload.entity_answer(message, workspace.pk, entity.name)


@router.post("/graph/relation/create", auth=WRITE, response=dict[str, Any])
def create_relation(
    request: HttpRequest, body: RelationCreateRequest
) -> dict[str, Any]:
    """Create a relation between two existing entities."""
    workspace = callers.workspace(request)
    relation = edit.create_relation(
        workspace.pk,
        body.source_entity,
        body.target_entity,
        body.relation_data.changes(),
    )
    names = f"'{body.source_entity}' and '{body.target_entity}'"
    message = f"Relation created successfully between {names}"
    return graph_payload.relation_answer(message, relation)


@router.post("/graph/entities/merge", auth=WRITE, response=dict[str, Any])
def merge_entities(request: HttpRequest, body: EntityMergeRequest) -> dict[str, Any]:
    """Merge entities into one. The target is created if it does not exist."""
    workspace = callers.workspace(request)
    sources = body.entities_to_change
    target = entity_merge.merge_entities(
        workspace.pk, sources, body.entity_to_change_into
    )
    message = f"Successfully merged {len(sources)} entities into '{target.name}'"
    return graph_payload.entity_answer(message, workspace.pk, target.name)


@router.post("/graph/entities/split", auth=WRITE, response=dict[str, Any])
def split_entity(request: HttpRequest, body: EntitySplitRequest) -> dict[str, Any]:
    """Undo a merge or a renaming: make `alias` an entity again.

    LightRAG has no such route.
    """
    workspace = callers.workspace(request)
    entity = unmerge.split_entity(workspace.pk, body.alias)
    if entity is None:
        message = f"'{body.alias}' is no longer an alias, and no chunk mentions it"
        return {"status": "success", "message": message, "data": None}
    message = f"'{body.alias}' is an entity again"
    return graph_payload.entity_answer(message, workspace.pk, entity.name)


@router.get("/graph/entity/aliases", auth=READ, response=list[str])
def list_aliases(request: HttpRequest, name: str) -> list[str]:
    """List the names that the entity had before it was renamed or merged."""
    entity = edit.find_entity(callers.workspace(request).pk, name)
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
    workspace = callers.workspace(request)
    entity = edit.find_entity(workspace.pk, body.entity_name)
    edit.delete_entity(workspace.pk, body.entity_name)
    message = f"Entity Delete: remove '{entity.name}' and its {entity.degree} relations"
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
    """Delete a relation; its entities stay."""
    workspace = callers.workspace(request)
    edit.delete_relation(workspace.pk, body.source_entity, body.target_entity)
    first, second = sorted((body.source_entity, body.target_entity))
    return {"message": f"Relation Delete: `{first}`~`{second}` deleted successfully"}


@router.post("/graph/cypher", auth=READ, response=CypherAnswer)
def query_graph(request: HttpRequest, body: CypherRequest) -> dict[str, Any]:
    """Run a read-only Cypher query on the graph, with a time and a row limit.

    Vertices have the label `base`, edges `DIRECTED`. Match along directed edges and
    start from a name, e.g. `MATCH (a:base)-[r]->(b) WHERE a.entity_id = $name RETURN
    b`.
    """
    workspace = callers.workspace(request)
    result = run_cypher.run(workspace.pk, body.query, body.parameters, limit=body.limit)
    return {
        "columns": result.columns,
        "rows": [[agtype.plain(value) for value in row] for row in result.rows],
        "is_truncated": result.is_truncated,
    }
