"""MCP resources: `lightrag://documents/…` and `lightrag://entities/…`."""

from __future__ import annotations

from urllib.parse import quote

from mcp.types import Resource

from compat_api.http.clean_input import clean_text
from compat_api.mcp import lookups, request_context
from compat_api.mcp.schemas import Entity, Neighbourhood, Relation
from documents.models import Document
from retrieval.db_thread import run_in_db

DOCUMENTS = "lightrag://documents/{document_id}"
ENTITIES = "lightrag://entities/{name}"
TEXT = "text/plain"
JSON = "application/json"
DEPTH = 1
MAX_ENTITIES = 50
"""Upper bound on the entities in the resource of an entity."""


async def document(document_id: str) -> str:
    """Return the text of a document."""
    return await run_in_db(
        lookups.text, request_context.workspace(), clean_text(document_id)
    )


async def entity(name: str) -> str:
    """Return an entity, its relations and neighbours, as JSON."""
    neighbourhood = await run_in_db(
        lookups.neighbourhood,
        request_context.workspace(),
        clean_text(name),
        DEPTH,
        MAX_ENTITIES,
    )
    result = Neighbourhood(
        entities=[Entity.of(node) for node in neighbourhood.nodes],
        relations=[Relation.of(edge) for edge in neighbourhood.edges],
        is_truncated=neighbourhood.is_truncated,
    )
    return result.model_dump_json()


async def listed() -> list[Resource]:
    """List the newest documents and the most connected entities.

    The resource templates give access to the others.
    """
    workspace = request_context.workspace()
    documents = await run_in_db(lookups.documents, workspace)
    names = await run_in_db(lookups.popular, workspace)
    return [*map(of_document, documents), *map(of_entity, names)]


def of_document(document: Document) -> Resource:
    """Return the resource of a document."""
    uri = DOCUMENTS.format(document_id=quote(document.public_id, safe=""))
    return Resource(
        uri=uri,
        name=document.name,
        description=document.content_summary or document.status,
        mime_type=TEXT,
        size=document.content_length or None,
    )


def of_entity(name: str) -> Resource:
    """Return the resource of an entity."""
    uri = ENTITIES.format(name=quote(name, safe=""))
    return Resource(uri=uri, name=name, mime_type=JSON)
