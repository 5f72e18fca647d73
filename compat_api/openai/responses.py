"""`POST /v1/responses`, whole or as a stream. Responses are not kept."""

from __future__ import annotations

import time
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from ninja import Router

from compat_api.auth import workspace_access
from compat_api.auth.permissions import READ
from compat_api.chat import chat_models, conversation
from compat_api.chat.conversation import Wanted
from compat_api.http.streaming import StreamedResponse
from compat_api.openai import formats, response_input, response_stream, sse, tools
from compat_api.openai import response_schemas as shapes
from compat_api.openai.errors import BadRequest, NotKept
from compat_api.openai.response_schemas import ResponseFrame
from compat_api.openai.schemas import ResponseRequest
from retrieval.query import answer

router = Router(tags=["openai"])


@router.post("/responses", auth=READ, response=dict[str, Any])
async def respond(request: HttpRequest, body: ResponseRequest) -> HttpResponseBase:
    """The last user message of the input answered from the knowledge base."""
    check(body)
    model = chat_models.find(body.model)
    params = conversation.as_params(model, response_input.plain(body), wanted(body))
    workspace = await workspace_access.workspace_async(request, model.workspace)
    frame = ResponseFrame(uuid.uuid4().hex, int(time.time()), body)
    if body.stream:
        events = await conversation.start_answer(workspace, params)
        return StreamedResponse(response_stream.lines(frame, events), sse.MEDIA_TYPE)
    return JsonResponse(shapes.whole(frame, await answer.ask(workspace, params)))


def check(body: ResponseRequest) -> None:
    """Raises BadRequest for what would need a memory."""
    for name in ("previous_response_id", "conversation", "background"):
        if getattr(body, name):
            raise BadRequest(NotKept.__doc__ or "", name)


def wanted(body: ResponseRequest) -> Wanted:
    """What is asked beside the input; raises BadRequest."""
    offered = tools.of_response(body.tools)
    choice = tools.nested_choice(body.tool_choice)
    form = body.text.format if body.text else None
    options = body.options() | formats.options(form)
    if body.max_output_tokens:
        options["max_tokens"] = body.max_output_tokens
    options |= tools.options(offered, choice, parallel=body.parallel_tool_calls)
    return Wanted(body.asked(), options, formats.schema(form), offered)


@router.get("/responses/{response_id}", auth=READ, response=dict[str, Any])
def retrieve(request: HttpRequest, response_id: str) -> dict[str, Any]:
    """Raises NotKept, whichever is asked for."""
    raise NotKept
