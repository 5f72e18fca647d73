"""Entities, relations and graphs in LightRAG's form (docs/lightrag.md A.4)."""

from __future__ import annotations

from typing import Any

from graph.curation.edit import EditedEntity
from graph.errors import UnknownEntity, UnknownRelation
from graph.models import Relation
from graph.queries import subgraph
from graph.queries.subgraph import Edge, Node, Subgraph


def graph(part: Subgraph) -> dict[str, Any]:
    """Return nodes and edges; the id of an edge is `A-B`."""
    return {
        "nodes": [
            {
                "id": node.name,
                "labels": [node.name],
                "properties": node_properties(node),
            }
            for node in part.nodes
        ],
        "edges": [
            {
                "id": f"{edge.source}-{edge.target}",
                "type": "DIRECTED",
                "source": edge.source,
                "target": edge.target,
                "properties": edge_properties(edge),
            }
            for edge in part.edges
        ],
        "is_truncated": part.is_truncated,
    }


def node_properties(node: Node) -> dict[str, Any]:
    """Return the properties of an entity; `created_at` is in seconds since 1970."""
    return {
        "entity_id": node.name,
        "entity_type": node.entity_type,
        "description": node.description,
        "source_id": node.sources.source_id,
        "file_path": node.sources.file_path,
        "created_at": node.created_at,
        "truncate": node.sources.truncate,
    }


def edge_properties(edge: Edge) -> dict[str, Any]:
    """Return the properties of a relation; `created_at` is in seconds since 1970."""
    return {
        "weight": edge.weight,
        "description": edge.description,
        "keywords": edge.keywords,
        "source_id": edge.sources.source_id,
        "file_path": edge.sources.file_path,
        "created_at": edge.created_at,
        "truncate": edge.sources.truncate,
    }


def entity_data(workspace_id: int, name: str) -> dict[str, Any]:
    """Return an entity after an edit; raise UnknownEntity if it no longer exists."""
    node = subgraph.entity(workspace_id, name)
    if node is None:
        raise UnknownEntity(name)
    return {
        "entity_name": node.name,
        "source_id": node.sources.source_id,
        "graph_data": node_properties(node),
    }


def entity_answer(message: str, workspace_id: int, name: str) -> dict[str, Any]:
    """Return the response to an edit of an entity."""
    data = entity_data(workspace_id, name)
    return {"status": "success", "message": message, "data": data}


def edited(workspace_id: int, edit: EditedEntity) -> dict[str, Any]:
    """Return the response to an edit, which may have been a merge."""
    name = edit.entity.name
    outcome = (
        f"merged successfully into '{name}'" if edit.merged else "updated successfully"
    )
    summary = {
        "merged": edit.merged,
        "merge_status": "success" if edit.merged else "not_attempted",
        "merge_error": None,
        "operation_status": "success",
        "target_entity": name if edit.merged else None,
        "final_entity": name,
        "renamed": edit.renamed or edit.merged,
    }
    answer = entity_answer(f"Entity {outcome}", workspace_id, name)
    return answer | {"operation_summary": summary}


def relation_answer(message: str, relation: Relation) -> dict[str, Any]:
    """Return the response to an edit of a relation; its entities are sorted by name."""
    names = (relation.source.name, relation.target.name)
    edge = subgraph.relation(relation.workspace_id, *names)
    if edge is None:
        raise UnknownRelation(*names)
    data = {
        "src_entity": edge.source,
        "tgt_entity": edge.target,
        "source_id": edge.sources.source_id,
        "graph_data": edge_properties(edge),
    }
    return {"status": "success", "message": message, "data": data}
