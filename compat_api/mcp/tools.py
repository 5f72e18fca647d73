"""MCP tools. An agent's model reads their docstrings and descriptions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from typing import Annotated, Any

from mcp.server.mcpserver.context import Context
from pydantic import BaseModel, Field

from compat_api.chat import conversation
from compat_api.chat.query_request import FilterFields
from compat_api.http.clean_input import clean_text
from compat_api.mcp import lookups, request_context
from compat_api.mcp.schemas import (
    Answer,
    Documents,
    DocumentState,
    Entities,
    Entity,
    Neighbourhood,
    Relation,
    SearchResults,
)
from documents.intake import new_documents, uploads
from retrieval.db_thread import run_in_db
from retrieval.llm.base import Message
from retrieval.query import answer
from retrieval.query.model_request import NO_CONTEXT
from retrieval.search.filters import NO_FILTERS
from retrieval.search.params import MAX_QUESTION_CHARS, Mode, ModeName, QueryParams

PROGRESS_SECONDS = 5.0
Question = Annotated[
    str,
    Field(
        min_length=1, max_length=MAX_QUESTION_CHARS, description="In plain language."
    ),
]
SearchMode = Annotated[
    ModeName,
    Field(
        description="mix: graph and chunks, best for most questions; local: about "
        "single entities; global: about themes; hybrid: local and global; naive: "
        "chunks alone; bypass: the language model without the knowledge base."
    ),
]
Filters = Annotated[
    FilterFields, Field(description="Restrict the search to these documents.")
]
Limit = Annotated[int, Field(ge=1, le=1000)]
Name = Annotated[str, Field(max_length=512)]
EarlierQuestions = Annotated[
    list[Question],
    Field(
        max_length=16,
        description="The user's earlier questions in this conversation, oldest first, "
        "if the question refers to them ('And when was it built?').",
    ),
]


async def query(  # noqa: PLR0913 - the parameters of the tool
    question: Question,
    mode: SearchMode = "mix",
    instructions: Annotated[
        str,
        Field(max_length=65_536, description="Instructions for writing the answer."),
    ] = "",
    top_k: Limit | None = None,
    filters: Filters | None = None,
    earlier_questions: EarlierQuestions | None = None,
    context: Context[Any, Any] | None = None,
) -> Answer:
    """Answer a question from the knowledge base, with citations of the documents."""
    params = QueryParams(
        query=clean_text(question),
        mode=Mode(mode),
        user_prompt=clean_text(instructions),
        top_k=top_k,
        filters=filters.as_filters() if filters else NO_FILTERS,
        conversation_history=_history(earlier_questions),
    )
    async with reporting_progress(context):
        workspace = request_context.workspace()
        result = await answer.ask(workspace, params)
    if result.text == NO_CONTEXT:
        result = replace(result, text=conversation.nothing_found(params))
    return await asyncio.to_thread(Answer.of, result, workspace.name)


@asynccontextmanager
async def reporting_progress(context: Context[Any, Any] | None) -> AsyncIterator[None]:
    """Report every few seconds that the answer is being written.

    Clients give up on a request that is silent for a minute.
    """

    async def report() -> None:
        for number in count(1):
            if context:
                await context.report_progress(number, message="Writing the answer")
            await asyncio.sleep(PROGRESS_SECONDS)

    reporter = asyncio.create_task(report())
    try:
        yield
    finally:
        reporter.cancel()


async def retrieve(
    question: Question,
    mode: SearchMode = "mix",
    top_k: Limit | None = None,
    max_passages: Limit | None = None,
    filters: Filters | None = None,
    earlier_questions: EarlierQuestions | None = None,
) -> SearchResults:
    """Find chunks, entities and relations for a question, without writing an answer."""
    params = QueryParams(
        query=clean_text(question),
        mode=Mode(mode),
        top_k=top_k,
        chunk_top_k=max_passages,
        filters=filters.as_filters() if filters else NO_FILTERS,
        conversation_history=_history(earlier_questions),
    )
    return SearchResults.of(await answer.retrieve(request_context.workspace(), params))


def _history(questions: list[str] | None) -> tuple[Message, ...]:
    """Return a conversation with these questions; many models want roles in turn."""
    return tuple(
        message
        for text in questions or ()
        for message in (
            Message("user", clean_text(text)),
            Message("assistant", "(Answered.)"),
        )
    )


async def add_text(
    text: Annotated[str, Field(min_length=1)],
    name: Annotated[
        str,
        Field(
            max_length=512, description="Shown in citations, for example a file name."
        ),
    ] = "",
) -> DocumentState:
    """Add a text to the knowledge base.

    It is processed in the background: call document_status with its track_id until its
    status is processed or failed.
    """
    item = uploads.TextItem(clean_text(text), clean_text(name) or None)
    (accepted,) = await run_in_db(
        uploads.accept_texts,
        request_context.workspace(),
        [item],
        track_id=new_documents.track_id("insert"),
    )
    return DocumentState.of(accepted.document)


async def document_status(
    document_id: Name = "", track_id: Name = "", name: Name = ""
) -> Documents:
    """Return the status of documents by id, track_id or name; else of the newest 100."""
    rows = await run_in_db(
        lookups.documents,
        request_context.workspace(),
        clean_text(document_id),
        clean_text(track_id),
        clean_text(name),
    )
    return Documents(documents=[DocumentState.of(document) for document in rows])


async def find_entity(
    name: Annotated[
        str,
        Field(min_length=1, max_length=512, description="A name or part of a name."),
    ],
    limit: Annotated[int, Field(ge=1, le=100)] = 10,
) -> Entities:
    """Find entities of the knowledge graph (people, places, concepts) by name."""
    nodes = await run_in_db(
        lookups.entities, request_context.workspace(), clean_text(name), limit
    )
    return Entities(entities=[Entity.of(node) for node in nodes])


async def neighbours(
    name: Annotated[str, Field(min_length=1, max_length=512)],
    depth: Annotated[int, Field(ge=1, le=3, description="Distance in relations.")] = 1,
    limit: Annotated[int, Field(ge=1, le=200)] = 50,
) -> Neighbourhood:
    """Return the entities and relations around an entity of the knowledge graph."""
    result = await run_in_db(
        lookups.neighbourhood,
        request_context.workspace(),
        clean_text(name),
        depth,
        limit,
    )
    return Neighbourhood(
        entities=[Entity.of(node) for node in result.nodes],
        relations=[Relation.of(edge) for edge in result.edges],
        is_truncated=result.is_truncated,
    )


Tool = Callable[..., Awaitable[BaseModel]]
READ_TOOLS: tuple[Tool, ...] = (
    query,
    retrieve,
    document_status,
    find_entity,
    neighbours,
)
WRITE_TOOLS: tuple[Tool, ...] = (add_text,)
