"""`/query`, `/query/stream` and `/query/data`: async from the first byte to the last."""

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


@router.post("/query", auth=READ, response=QueryResponse)
async def query(request: HttpRequest, body: QueryRequest) -> dict[str, Any]:
    """The whole answer, with the files it is built from."""
    workspace = await workspace_access.workspace_async(request)
    found = await answer.ask(workspace, body.as_params())
    listed = [retrieved_data.reference_item(one, body) for one in found.references]
    return {
        "response": found.text,
        "references": listed if body.include_references else None,
        "response_time": round(found.seconds, 3),
        "llm_generated": found.llm_generated,
    }


@router.post(
    "/query/stream",
    auth=READ,
    openapi_extra={
        "responses": {
            200: {
                "description": "One JSON object a line",
                "content": {streaming.MEDIA_TYPE: {"schema": {"type": "object"}}},
            }
        }
    },
)
async def query_stream(request: HttpRequest, body: QueryRequest) -> StreamedResponse:
    """The answer as it is made: a JSON object a line, `references` before `response`."""
    workspace = await workspace_access.workspace_async(request)
    return await streaming.respond(streaming.objects(workspace, body), body)


@router.post(
    "/query/data", auth=READ, response={200: QueryDataResponse, 400: QueryDataResponse}
)
async def query_data(request: HttpRequest, body: QueryRequest) -> dict[str, Any]:
    """What an answer would be built from: entities, relationships, chunks, references."""
    workspace = await workspace_access.workspace_async(request)
    found = await answer.retrieve(workspace, body.as_params())
    return retrieved_data.as_data(found)
