"""`POST /v1/responses`, whole or as a stream. Responses are not kept."""

from __future__ import annotations

import time
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from ninja import Router

from compat_api import chat_models, conversation, current, live_answer
from compat_api.conversation import Wanted
from compat_api.live_answer import LiveResponse
from compat_api.openai import formats, messages, response_stream, sse
from compat_api.openai import response_shapes as shapes
from compat_api.openai.errors import BadRequest
from compat_api.openai.response_shapes import ResponseFrame
from compat_api.openai.schemas import ResponseRequest
from retrieval import answer
from retrieval.llm.base import Message

router = Router(tags=["openai"])
NOT_KEPT = "Responses are not kept here: send the whole conversation as input."


@router.post("/responses", response=dict[str, Any])
async def respond(request: HttpRequest, body: ResponseRequest) -> HttpResponseBase:
    """The last user message of the input answered from the knowledge base."""
    check(body)
    model = chat_models.find(body.model)
    params = conversation.as_params(model, plain(body), wanted(body))
    workspace = await current.workspace_async(request, model.workspace)
    frame = ResponseFrame(uuid.uuid4().hex, int(time.time()), body)
    if body.stream:
        events = await live_answer.begin(workspace, params)
        return LiveResponse(response_stream.lines(frame, events), sse.MEDIA_TYPE)
    return JsonResponse(shapes.whole(frame, await answer.ask(workspace, params)))


def check(body: ResponseRequest) -> None:
    """Raises BadRequest for what would need a memory, and for tools."""
    for name in ("previous_response_id", "conversation", "background"):
        if getattr(body, name):
            raise BadRequest(NOT_KEPT, name)
    messages.refuse_tools(body.tools, body.tool_choice)


def plain(body: ResponseRequest) -> list[Message]:
    """Instructions and input as messages; raises BadRequest for other items."""
    found = [Message("system", body.instructions)] if body.instructions else []
    if isinstance(body.input, str):
        return [*found, Message("user", body.input)]
    for place, item in enumerate(body.input):
        if item.type != "message":
            said = f"Only messages can be read here, and this is '{item.type}'."
            raise BadRequest(said, f"input.{place}.type")
        text = messages.text_of(item.content, f"input.{place}.content")
        found.append(Message(item.role, text))
    return found


def wanted(body: ResponseRequest) -> Wanted:
    """What is asked beside the input."""
    form = body.text.format if body.text else None
    options = body.options() | formats.options(form)
    if body.max_output_tokens:
        options["max_tokens"] = body.max_output_tokens
    return Wanted(body.asked(), options, formats.schema(form))
