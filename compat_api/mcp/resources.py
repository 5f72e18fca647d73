"""Documents and entities as resources: `lightrag://documents/…`, `lightrag://entities/…`."""

from __future__ import annotations

from urllib.parse import quote

from mcp.types import Resource

from compat_api.http.clean_input import clean_text
from compat_api.mcp import lookups, transport
from compat_api.mcp.schemas import Entity, Neighbourhood, Relation
from documents.models import Document
from retrieval.db_thread import run_in_db

DOCUMENTS = "lightrag://documents/{document_id}"
ENTITIES = "lightrag://entities/{name}"
TEXT = "text/plain"
JSON = "application/json"
STEPS = 1
MOST = 50
"""Neighbours told of an entity."""


async def document(document_id: str) -> str:
    """The whole text of a document."""
    return await run_in_db(lookups.text, transport.workspace(), clean_text(document_id))


async def entity(name: str) -> str:
    """An entity and what it is joined to, as JSON."""
    found = await run_in_db(
        lookups.around, transport.workspace(), clean_text(name), STEPS, MOST
    )
    told = Neighbourhood(
        entities=[Entity.of(one) for one in found.nodes],
        relations=[Relation.of(one) for one in found.edges],
        is_truncated=found.is_truncated,
    )
    return told.model_dump_json()


async def listed() -> list[Resource]:
    """The newest documents and the best connected entities; others by template."""
    workspace = transport.workspace()
    documents = await run_in_db(lookups.documents, workspace)
    names = await run_in_db(lookups.popular, workspace)
    return [*map(of_document, documents), *map(of_entity, names)]


def of_document(found: Document) -> Resource:
    uri = DOCUMENTS.format(document_id=quote(found.public_id, safe=""))
    about = found.content_summary or found.status
    return Resource(
        uri=uri,
        name=found.name,
        description=about,
        mime_type=TEXT,
        size=found.content_length or None,
    )


def of_entity(name: str) -> Resource:
    uri = ENTITIES.format(name=quote(name, safe=""))
    return Resource(uri=uri, name=name, mime_type=JSON)
