"""What the MCP tools and resources read of documents and entities. Sync: the database."""

from __future__ import annotations

from documents.models import Document, DocumentContent, Workspace
from documents.queries import listing
from graph.queries import subgraph
from graph.queries.subgraph import Node, Subgraph

NEWEST = 100
"""Documents and entities in a list of resources."""


class NotFound(LookupError):
    """There is no such document or entity."""


def documents(
    workspace: Workspace, document_id: str = "", track_id: str = "", name: str = ""
) -> list[Document]:
    """Those that fit all that is given; the newest where nothing is."""
    wanted = {"public_id": document_id, "track_id": track_id, "name": name}
    given = {field: value for field, value in wanted.items() if value}
    rows = listing.of(workspace).filter(**given).only(*listing.LISTED)
    return list(rows.order_by("-updated_at")[:NEWEST])


def text(workspace: Workspace, document_id: str) -> str:
    """A document's whole text; raises NotFound."""
    found = DocumentContent.objects.filter(
        document__workspace=workspace, document__public_id=document_id
    ).values_list("text", flat=True)
    for content in found:
        return content
    raise NotFound(f"There is no text of a document '{document_id}'.")


def entity(workspace: Workspace, name: str) -> Node:
    """The entity of that very name, or the one that comes closest; raises NotFound."""
    exact = subgraph.entity(workspace.pk, name)
    if exact:
        return exact
    for near in subgraph.search(workspace.pk, name, 1):
        found = subgraph.entity(workspace.pk, near)
        if found:
            return found
    raise NotFound(f"There is no entity '{name}'.")


def entities(workspace: Workspace, name: str, limit: int) -> list[Node]:
    """Entities whose names hold `name`, the closest first."""
    names = subgraph.search(workspace.pk, name, limit)
    nodes = subgraph.entities(workspace.pk, names)
    return sorted(nodes, key=lambda node: names.index(node.name))


def around(workspace: Workspace, name: str, depth: int, limit: int) -> Subgraph:
    """The neighbourhood of the entity; raises NotFound."""
    centre = entity(workspace, name)
    return subgraph.subgraph(workspace.pk, centre.name, depth, limit)


def popular(workspace: Workspace) -> list[str]:
    """The names of the best connected entities."""
    return subgraph.popular(workspace.pk, NEWEST)
