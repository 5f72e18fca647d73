"""Database queries of the MCP tools and resources."""

from __future__ import annotations

from documents.models import Document, DocumentContent, Workspace
from documents.queries import listing
from graph.queries import subgraph
from graph.queries.subgraph import Node, Subgraph

LIST_LENGTH = 100
"""Upper bound on the documents, and on the entities, in a list of resources."""


class NotFound(LookupError):
    """There is no such document or entity."""


def documents(
    workspace: Workspace, document_id: str = "", track_id: str = "", name: str = ""
) -> list[Document]:
    """Return the newest documents that match all given values."""
    values = {"public_id": document_id, "track_id": track_id, "name": name}
    conditions = {field: value for field, value in values.items() if value}
    rows = listing.all_documents(workspace).filter(**conditions).only(*listing.LISTED)
    return list(rows.order_by("-updated_at")[:LIST_LENGTH])


def text(workspace: Workspace, document_id: str) -> str:
    """Return the text of a document; raise NotFound."""
    texts = DocumentContent.objects.filter(
        document__workspace=workspace, document__public_id=document_id
    ).values_list("text", flat=True)
    for content in texts:
        return content
    raise NotFound(f"There is no document '{document_id}', or it has no text yet.")


def entity(workspace: Workspace, name: str) -> Node:
    """Return the entity of this name, or the closest match; raise NotFound."""
    exact = subgraph.entity(workspace.pk, name)
    if exact:
        return exact
    for match in subgraph.search(workspace.pk, name, 1):
        node = subgraph.entity(workspace.pk, match)
        if node:
            return node
    raise NotFound(f"There is no entity '{name}'.")


def entities(workspace: Workspace, name: str, limit: int) -> list[Node]:
    """Return entities whose names contain `name`, the closest match first."""
    names = subgraph.search(workspace.pk, name, limit)
    nodes = subgraph.entities(workspace.pk, names)
    return sorted(nodes, key=lambda node: names.index(node.name))


def neighbourhood(workspace: Workspace, name: str, depth: int, limit: int) -> Subgraph:
    """Return the entities and relations around an entity; raise NotFound."""
    centre = entity(workspace, name)
    return subgraph.subgraph(workspace.pk, centre.name, depth, limit)


def popular(workspace: Workspace) -> list[str]:
    """Return the names of the most connected entities."""
    return subgraph.popular(workspace.pk, LIST_LENGTH)
