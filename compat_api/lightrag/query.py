"""`/query`, `/query/stream` and `/query/data`, asynchronous throughout."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from compat_api.auth import workspace_access
from compat_api.auth.permissions import READ
from compat_api.chat.query_request import QueryRequest
from compat_api.http.streaming import StreamedResponse
from compat_api.lightrag import retrieved_data, streaming
from compat_api.lightrag.schemas.query import QueryDataResponse, QueryResponse
from retrieval.query import answer

router = Router(tags=["query"])


@router.post("/query", auth=READ, response=QueryResponse, exclude_unset=True)
async def query(request: HttpRequest, body: QueryRequest) -> dict[str, Any]:
    """Return the whole answer with the files that it is based on."""
    workspace = await workspace_access.workspace_async(request)
    result = await answer.ask(workspace, body.as_params())
    references = [
        retrieved_data.reference_item(reference, workspace.name, body)
        for reference in result.references
    ]
    checked = (
        {"support": await retrieved_data.checked_sentences(result)}
        if body.include_support
        else {}
    )
    return {
        "response": result.text,
        "references": references if body.include_references else None,
        "response_time": round(result.seconds, 3),
        "llm_generated": result.llm_generated,
        **checked,
    }


@router.post(
    "/query/stream",
    auth=READ,
    openapi_extra={
        "responses": {
            200: {
                "description": "One JSON object per line",
                "content": {streaming.MEDIA_TYPE: {"schema": {"type": "object"}}},
            }
        }
    },
)
async def query_stream(request: HttpRequest, body: QueryRequest) -> StreamedResponse:
    """Stream the answer, one JSON object per line, `references` before `response`."""
    workspace = await workspace_access.workspace_async(request)
    return await streaming.respond(workspace, body)


@router.post(
    "/query/data", auth=READ, response={200: QueryDataResponse, 400: QueryDataResponse}
)
async def query_data(request: HttpRequest, body: QueryRequest) -> dict[str, Any]:
    """Return the context of an answer: entities, relationships, chunks, references."""
    workspace = await workspace_access.workspace_async(request)
    context = await answer.retrieve(workspace, body.as_params())
    return retrieved_data.as_data(context, workspace.name)
