"""The tools. Their docstrings and descriptions are what an agent's model reads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from pydantic import BaseModel, Field

from compat_api.chat.retrieval_fields import FilterFields, ModeName
from compat_api.http.clean_input import clean_text
from compat_api.mcp import lookups, transport
from compat_api.mcp.schemas import (
    Answer,
    Documents,
    DocumentState,
    Entities,
    Entity,
    Found,
    Neighbourhood,
    Relation,
)
from documents.intake import track_ids, uploads
from retrieval.db_thread import run_in_db
from retrieval.query import answer
from retrieval.search.filters import NO_FILTERS
from retrieval.search.params import Mode, QueryParams

Question = Annotated[
    str, Field(min_length=1, max_length=65_536, description="In plain language.")
]
How = Annotated[
    ModeName,
    Field(
        description="mix: graph and passages, the best for most questions; local: about "
        "particular things; global: about themes; hybrid: both of these; naive: "
        "passages alone; bypass: the language model without the knowledge base."
    ),
]
Only = Annotated[
    FilterFields, Field(description="Answer from these documents and no others.")
]
Most = Annotated[int, Field(ge=1, le=1000)]
Name = Annotated[str, Field(max_length=512)]


async def query(
    question: Question,
    mode: How = "mix",
    instructions: Annotated[
        str, Field(max_length=65_536, description="How the answer shall be written.")
    ] = "",
    top_k: Most | None = None,
    filters: Only | None = None,
) -> Answer:
    """Answer a question from the knowledge base, with citations of the documents."""
    params = QueryParams(
        query=clean_text(question),
        mode=Mode(mode),
        user_prompt=clean_text(instructions),
        top_k=top_k,
        filters=filters.as_filters() if filters else NO_FILTERS,
    )
    return Answer.of(await answer.ask(transport.workspace(), params))


async def retrieve(
    question: Question,
    mode: How = "mix",
    top_k: Most | None = None,
    max_passages: Most | None = None,
    filters: Only | None = None,
) -> Found:
    """Find passages and graph facts for a question, without writing an answer."""
    params = QueryParams(
        query=clean_text(question),
        mode=Mode(mode),
        top_k=top_k,
        chunk_top_k=max_passages,
        filters=filters.as_filters() if filters else NO_FILTERS,
    )
    return Found.of(await answer.retrieve(transport.workspace(), params))


async def add_text(
    text: Annotated[str, Field(min_length=1)],
    name: Annotated[
        str, Field(max_length=512, description="Shown in citations; a file name, say.")
    ] = "",
) -> DocumentState:
    """Put a text into the knowledge base. It is read in the background: ask
    document_status with its track_id until it is processed."""
    item = uploads.TextItem(clean_text(text), clean_text(name) or None)
    (accepted,) = await run_in_db(
        uploads.accept_texts,
        transport.workspace(),
        [item],
        track_id=track_ids.make("insert"),
    )
    return DocumentState.of(accepted.document)


async def document_status(
    document_id: Name = "", track_id: Name = "", name: Name = ""
) -> Documents:
    """Tell how far documents are, by any of their names; without one, the newest 100."""
    found = await run_in_db(
        lookups.documents,
        transport.workspace(),
        clean_text(document_id),
        clean_text(track_id),
        clean_text(name),
    )
    return Documents(documents=[DocumentState.of(one) for one in found])


async def find_entity(
    name: Annotated[
        str, Field(min_length=1, max_length=512, description="A name or a part of one.")
    ],
    limit: Annotated[int, Field(ge=1, le=100)] = 10,
) -> Entities:
    """Look up people, places, things and ideas of the knowledge graph by name."""
    found = await run_in_db(
        lookups.entities, transport.workspace(), clean_text(name), limit
    )
    return Entities(entities=[Entity.of(one) for one in found])


async def neighbours(
    name: Annotated[str, Field(min_length=1, max_length=512)],
    depth: Annotated[int, Field(ge=1, le=3, description="Steps away.")] = 1,
    limit: Annotated[int, Field(ge=1, le=200)] = 50,
) -> Neighbourhood:
    """Show what an entity of the knowledge graph is joined to, and how."""
    found = await run_in_db(
        lookups.around, transport.workspace(), clean_text(name), depth, limit
    )
    return Neighbourhood(
        entities=[Entity.of(one) for one in found.nodes],
        relations=[Relation.of(one) for one in found.edges],
        is_truncated=found.is_truncated,
    )


Tool = Callable[..., Awaitable[BaseModel]]
READING: tuple[Tool, ...] = (
    query,
    retrieve,
    document_status,
    find_entity,
    neighbours,
)
WRITING: tuple[Tool, ...] = (add_text,)
