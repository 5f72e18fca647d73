"""`/query`, `/query/stream` and `/query/data` (docs/lightrag.md A.3).

A stream is NDJSON: one JSON object per line. A provider's failure is an HTTP error until
the first line is sent, and a line `{"error": …}` after that. So the first line is sent
only when the model has begun to answer, unless the client asks for progress.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from django.http import HttpRequest
from ninja import Router

from compat_api.auth import callers
from compat_api.auth.permissions import READ
from compat_api.chat.query_request import QueryRequest
from compat_api.http.errors import log_unexpected
from compat_api.http.streaming import StreamedResponse, hold_until
from compat_api.lightrag import retrieved_data
from compat_api.lightrag.schemas.query import QueryDataResponse, QueryResponse
from documents.models import Workspace
from retrieval.context.references import Reference
from retrieval.llm.errors import LLMError
from retrieval.query import answer
from retrieval.query.events import (
    Delta,
    Event,
    Finished,
    Progress,
    ReasoningDelta,
    References,
)

router = Router(tags=["query"])
logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/x-ndjson"
Objects = AsyncGenerator[dict[str, Any], None]


@router.post("/query", auth=READ, response=QueryResponse, exclude_unset=True)
async def query(request: HttpRequest, body: QueryRequest) -> dict[str, Any]:
    """Return the whole answer with the files that it is based on."""
    workspace = await callers.workspace_async(request)
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
                "content": {MEDIA_TYPE: {"schema": {"type": "object"}}},
            }
        }
    },
)
async def query_stream(request: HttpRequest, body: QueryRequest) -> StreamedResponse:
    """Stream the answer, one JSON object per line, `references` before `response`."""
    workspace = await callers.workspace_async(request)
    return await respond(workspace, body)


@router.post(
    "/query/data", auth=READ, response={200: QueryDataResponse, 400: QueryDataResponse}
)
async def query_data(request: HttpRequest, body: QueryRequest) -> dict[str, Any]:
    """Return the context of an answer: entities, relationships, chunks, references."""
    workspace = await callers.workspace_async(request)
    context = await answer.retrieve(workspace, body.as_params())
    return retrieved_data.as_data(context, workspace.name)


async def respond(workspace: Workspace, body: QueryRequest) -> StreamedResponse:
    """Return the response. An error before its first line is raised.

    Without progress, the response begins with the first text of the answer, or a few
    seconds after the references if the model is slow. With progress it begins at once.
    """
    is_whole = body.stream is False or body.only_need_context or body.only_need_prompt
    if is_whole and body.include_progress:
        objects = whole_with_progress(workspace, body)
    elif is_whole:
        objects = await hold_until(whole(workspace, body), bool)
    else:
        events = answer.stream(workspace, body.as_params())
        if not body.include_progress:
            events = await hold_until(
                events,
                lambda event: isinstance(event, Delta),
                lambda event: isinstance(event, References),
            )
        objects = deltas(events, workspace, body)
    return StreamedResponse(lines(objects), MEDIA_TYPE, heartbeat)


def heartbeat() -> bytes:
    """Return a line without effect, for connections that would be silent."""
    return as_line({"response": ""}).encode()


async def lines(objects: Objects) -> AsyncGenerator[str, None]:
    """Yield a line for each object; the last one names the error, if there is one."""
    async with aclosing(objects):
        try:
            async for item in objects:
                yield as_line(item)
        except LLMError as error:
            logger.warning("A model failed in the middle of a stream: %s", error)
            yield as_line({"error": str(error)})
        except Exception as error:  # noqa: BLE001 - reported in the last line
            yield as_line({"error": log_unexpected("in the middle of a stream", error)})


def as_line(item: dict[str, Any]) -> str:
    """Return the object as one line of JSON with unescaped Unicode."""
    return json.dumps(item, ensure_ascii=False) + "\n"


async def whole(workspace: Workspace, body: QueryRequest) -> Objects:
    """Yield the whole answer in one object."""
    result = await answer.ask(workspace, body.as_params())
    yield whole_object(
        result.text, result.references, workspace, body, generated=result.llm_generated
    )


async def whole_with_progress(workspace: Workspace, body: QueryRequest) -> Objects:
    """Yield each step as it begins, then the whole answer, then its duration."""
    texts, files = list[str](), tuple[Reference, ...]()
    async with aclosing(answer.stream(workspace, body.as_params())) as events:
        async for event in events:
            match event:
                case Progress(step):
                    yield {"progress": step}
                case References(files):
                    pass
                case Delta(text):
                    texts.append(text)
                case Finished(seconds=seconds, llm_generated=generated):
                    yield whole_object(
                        "".join(texts), files, workspace, body, generated=generated
                    )
                    yield {"response_time": round(seconds, 3)}


def whole_object(
    text: str,
    files: tuple[Reference, ...],
    workspace: Workspace,
    body: QueryRequest,
    *,
    generated: bool,
) -> dict[str, Any]:
    """Return the whole answer in LightRAG's format."""
    result = {"response": text, "llm_generated": generated}
    return result | (
        references(files, workspace, body) if body.include_references else {}
    )


async def deltas(
    events: AsyncGenerator[Event, None], workspace: Workspace, body: QueryRequest
) -> Objects:
    """Yield the answer's events that the client requested."""
    async with aclosing(events):
        async for event in events:
            item = describe(event, workspace, body)
            if item:
                yield item


def describe(
    event: Event, workspace: Workspace, body: QueryRequest
) -> dict[str, Any] | None:
    """Return the event in LightRAG's format; None if the client did not request it."""
    match event:
        case Progress(step) if body.include_progress:
            return {"progress": step}
        case References(files) if body.include_references:
            return references(files, workspace, body)
        case ReasoningDelta(text) if body.include_progress:
            return {"reasoning": text}
        case Delta(text):
            return {"response": text}
        case Finished(seconds=seconds) if body.include_progress:
            return {"response_time": round(seconds, 3)}
    return None


def references(
    files: tuple[Reference, ...], workspace: Workspace, body: QueryRequest
) -> dict[str, list[dict[str, Any]]]:
    """Return the files, with their chunks only if the client requested them."""
    name = workspace.name
    if body.include_chunk_content:
        items = [retrieved_data.reference_item(file, name, body) for file in files]
    else:
        items = [retrieved_data.reference_line(file, name) for file in files]
    return {"references": items}
