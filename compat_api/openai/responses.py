"""`POST /v1/responses`, as one object or as a stream. Responses are not stored."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from ninja import Router

from compat_api.auth import callers
from compat_api.auth.permissions import READ
from compat_api.chat import chat_models, conversation
from compat_api.chat.conversation import RequestOptions
from compat_api.chat.source_list import ChatAPI
from compat_api.http.streaming import StreamedResponse
from compat_api.openai import annotations as openai_annotations
from compat_api.openai import (
    formats,
    response_input,
    response_stream,
    sse,
    stored_items,
    tools,
)
from compat_api.openai import response_schemas as shapes
from compat_api.openai.errors import BadRequest, NotStored
from compat_api.openai.response_schemas import ResponseEnvelope
from compat_api.openai.schemas import ResponseRequest

router = Router(tags=["openai"])


@router.post("/responses", auth=READ, response=dict[str, Any])
async def respond(request: HttpRequest, body: ResponseRequest) -> HttpResponseBase:
    """Answer the last user message of the input from the knowledge base."""
    check(body)
    model = chat_models.find(body.model)
    workspace = await callers.workspace_async(request, model.workspace)
    items = await stored_items.find(workspace, response_input.referenced_ids(body))
    body = response_input.resolved(body, items)
    params = conversation.as_params(
        model, response_input.plain(body), request_options(body)
    )
    envelope = ResponseEnvelope(
        uuid.uuid4().hex, int(time.time()), body, openai_annotations.pages_url(request)
    )
    if body.stream:
        events = await conversation.start_answer(workspace, params, ChatAPI.OPENAI)
        return StreamedResponse(
            response_stream.sse_events(envelope, events, workspace),
            sse.MEDIA_TYPE,
            sse.comment,
        )
    result = await conversation.whole_answer(workspace, params, ChatAPI.OPENAI)
    whole = await asyncio.to_thread(shapes.whole, envelope, result)
    if body.store is not False:
        await stored_items.store(workspace, whole["output"])
    return JsonResponse(whole)


def check(body: ResponseRequest) -> None:
    """Raise BadRequest for fields that need stored responses."""
    for name in ("previous_response_id", "conversation", "background"):
        if getattr(body, name):
            raise BadRequest(NotStored.__doc__ or "", name)


def request_options(body: ResponseRequest) -> RequestOptions:
    """Return the options of the request; raise BadRequest for unsupported ones."""
    offered = tools.of_response(body.tools)
    choice = tools.nested_choice(body.tool_choice)
    text_format = body.text.format if body.text else None
    options = body.options() | formats.options(text_format)
    if body.max_output_tokens:
        options["max_tokens"] = body.max_output_tokens
    options |= tools.options(offered, choice, parallel=body.parallel_tool_calls)
    return RequestOptions(
        body.given_fields(), options, formats.schema(text_format), offered
    )


@router.get("/responses/{response_id}", auth=READ, response=dict[str, Any])
def retrieve(request: HttpRequest, response_id: str) -> dict[str, Any]:
    """Return 404: responses are not stored."""
    raise NotStored
