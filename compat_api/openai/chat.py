"""`POST /v1/chat/completions`, as one object or as a stream."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from ninja import Router

from compat_api.auth import callers
from compat_api.auth.permissions import READ
from compat_api.chat import chat_models, conversation, source_list
from compat_api.chat.conversation import RequestOptions
from compat_api.chat.source_list import ChatAPI
from compat_api.http.streaming import StreamedResponse
from compat_api.openai import annotations as openai_annotations
from compat_api.openai import chat_stream, formats, sse, tools
from compat_api.openai.chat_stream import Envelope
from compat_api.openai.errors import BadRequest
from compat_api.openai.schemas import ChatCompletionRequest
from retrieval.query import token_usage
from retrieval.query.events import Answer

router = Router(tags=["openai"])


@router.post("/chat/completions", auth=READ, response=dict[str, Any])
async def complete(
    request: HttpRequest, body: ChatCompletionRequest
) -> HttpResponseBase:
    """Answer the last user message from the knowledge base."""
    model = chat_models.find(body.model)
    params = conversation.as_params(model, body.plain(), request_options(body))
    workspace = await callers.workspace_async(request, model.workspace)
    envelope = Envelope(
        f"chatcmpl-{uuid.uuid4().hex}",
        int(time.time()),
        body.model,
        openai_annotations.pages_url(request),
    )
    if body.stream:
        events = await conversation.start_answer(workspace, params, ChatAPI.OPENAI)
        sse_events = chat_stream.sse_events(
            envelope, events, with_usage=body.wants_usage
        )
        return StreamedResponse(sse_events, sse.MEDIA_TYPE, sse.comment)
    result = await conversation.whole_answer(workspace, params, ChatAPI.OPENAI)
    return JsonResponse(await asyncio.to_thread(whole, envelope, result))


def request_options(body: ChatCompletionRequest) -> RequestOptions:
    """Return the options of the request; raise BadRequest for unsupported ones."""
    if body.functions:
        raise BadRequest("'functions' is not supported: use 'tools'.", "functions")
    offered = tools.of_chat(body.tools)
    options = body.options() | formats.options(body.response_format)
    options |= tools.options(
        offered, body.tool_choice, parallel=body.parallel_tool_calls
    )
    schema = formats.schema(body.response_format)
    return RequestOptions(body.given_fields(), options, schema, offered)


def whole(envelope: Envelope, result: Answer) -> dict[str, Any]:
    """Return the whole completion in OpenAI's format; `references` is an addition."""
    choice = {
        "index": 0,
        "message": message(result, envelope.pages),
        "logprobs": None,
        "finish_reason": chat_stream.finish_reason(result),
    }
    return {
        "id": envelope.id,
        "object": "chat.completion",
        "created": envelope.created,
        "model": envelope.model,
        "choices": [choice],
        "usage": chat_stream.usage_shape(token_usage.of(result)),
        "references": source_list.files(result.references),
    }


def message(result: Answer, pages: str) -> dict[str, Any]:
    """Return the assistant's message: its reasoning, its text and its tool calls."""
    fields = {
        "role": "assistant",
        "content": result.text or None,
        "refusal": None,
        "annotations": openai_annotations.of_message(
            result.text, result.references, pages, result.verdicts
        ),
    }
    if result.reasoning:
        fields["reasoning_content"] = result.reasoning
    calls = [tools.shape(call) for call in result.tool_calls]
    return fields | ({"tool_calls": calls} if calls else {})
