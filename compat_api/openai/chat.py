"""`POST /v1/chat/completions`, whole or as a stream."""

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
from compat_api.openai import annotations as openai_annotations
from compat_api.openai import chat_stream, formats, sse, tools
from compat_api.openai.chat_stream import Frame
from compat_api.openai.errors import BadRequest
from compat_api.openai.schemas import ChatCompletionRequest
from retrieval.query import answer, token_usage
from retrieval.query.events import Answer

router = Router(tags=["openai"])


@router.post("/chat/completions", auth=READ, response=dict[str, Any])
async def complete(
    request: HttpRequest, body: ChatCompletionRequest
) -> HttpResponseBase:
    """The last user message answered from the knowledge base."""
    model = chat_models.find(body.model)
    params = conversation.as_params(model, body.plain(), wanted(body))
    workspace = await workspace_access.workspace_async(request, model.workspace)
    frame = Frame(f"chatcmpl-{uuid.uuid4().hex}", int(time.time()), body.model)
    if body.stream:
        events = await conversation.start_answer(workspace, params)
        lines = chat_stream.lines(frame, events, with_usage=body.wants_usage)
        return StreamedResponse(lines, sse.MEDIA_TYPE)
    return JsonResponse(whole(frame, await answer.ask(workspace, params)))


def wanted(body: ChatCompletionRequest) -> Wanted:
    """What is asked beside the messages; raises BadRequest."""
    if body.functions:
        raise BadRequest("Functions are offered as 'tools' nowadays.", "functions")
    offered = tools.of_chat(body.tools)
    options = body.options() | formats.options(body.response_format)
    options |= tools.options(
        offered, body.tool_choice, parallel=body.parallel_tool_calls
    )
    schema = formats.schema(body.response_format)
    return Wanted(body.asked(), options, schema, offered)


def whole(frame: Frame, found: Answer) -> dict[str, Any]:
    """OpenAI's object of a whole completion; `references` are ours."""
    choice = {
        "index": 0,
        "message": message(found),
        "logprobs": None,
        "finish_reason": chat_stream.finish_reason(found),
    }
    return {
        "id": frame.id,
        "object": "chat.completion",
        "created": frame.created,
        "model": frame.model,
        "choices": [choice],
        "usage": chat_stream.usage_shape(token_usage.of(found)),
        "references": openai_annotations.references(found.references),
    }


def message(found: Answer) -> dict[str, Any]:
    """The assistant's words, and what it wants called."""
    said = {
        "role": "assistant",
        "content": found.text or None,
        "refusal": None,
        "annotations": openai_annotations.of_message(found.text, found.references),
    }
    calls = [tools.shape(call) for call in found.tool_calls]
    return said | ({"tool_calls": calls} if calls else {})
