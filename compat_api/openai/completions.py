"""`POST /v1/completions`, the predecessor of chat completions: the prompt is a question."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from ninja import Router

from compat_api.auth import callers
from compat_api.auth.permissions import READ
from compat_api.chat import chat_models, conversation, source_list
from compat_api.chat.conversation import RequestOptions
from compat_api.chat.source_list import ChatAPI
from compat_api.http.streaming import StreamedResponse
from compat_api.openai import chat_stream, errors, sse
from compat_api.openai.errors import BadRequest
from compat_api.openai.schemas import CompletionRequest
from retrieval.llm.base import Message
from retrieval.llm.errors import LLMError
from retrieval.query import token_usage
from retrieval.query.events import Answer, Delta, Event, Finished

router = Router(tags=["openai"])


@router.post("/completions", auth=READ, response=dict[str, Any])
async def complete(request: HttpRequest, body: CompletionRequest) -> HttpResponseBase:
    """Answer the prompt from the knowledge base."""
    model = chat_models.find(body.model)
    params = conversation.as_params(
        model, [Message("user", prompt(body))], RequestOptions(options=body.options())
    )
    workspace = await callers.workspace_async(request, model.workspace)
    envelope = {
        "id": f"cmpl-{uuid.uuid4().hex}",
        "object": "text_completion",
        "created": int(time.time()),
        "model": body.model,
    }
    if body.stream:
        events = await conversation.start_answer(workspace, params, ChatAPI.OPENAI)
        return StreamedResponse(
            sse_events(envelope, events), sse.MEDIA_TYPE, sse.comment
        )
    result = await conversation.whole_answer(workspace, params, ChatAPI.OPENAI)
    return JsonResponse(
        {
            **envelope,
            "choices": [choice(result.text, chat_stream.finish_reason(result))],
            "usage": chat_stream.usage_shape(token_usage.of(result)),
            "references": source_list.files(result.references),
        }
    )


def prompt(body: CompletionRequest) -> str:
    """Return the only prompt; raise BadRequest for several, or for a text after it."""
    if body.suffix:
        raise BadRequest("'suffix' is not supported.", "suffix")
    if isinstance(body.prompt, str):
        return body.prompt
    if len(body.prompt) != 1:
        raise BadRequest("'prompt' must contain exactly one prompt.", "prompt")
    return body.prompt[0]


def choice(text: str, finish_reason: str | None) -> dict[str, Any]:
    """Return the text as a `choice` object of OpenAI's API."""
    return {"index": 0, "text": text, "logprobs": None, "finish_reason": finish_reason}


async def sse_events(
    envelope: dict[str, Any], events: AsyncGenerator[Event, None]
) -> AsyncGenerator[bytes, None]:
    """Yield the stream. A later failure is its last line, which OpenAI's SDK raises."""
    async with aclosing(events):
        try:
            async for event in events:
                if choices := choices_of(event):
                    yield sse.data({**envelope, "choices": choices})
        except LLMError as error:
            yield sse.data(errors.body(str(error), errors.llm_error_kind(error)))
            return
    yield sse.DONE


def choices_of(event: Event | Answer) -> list[dict[str, Any]]:
    """Return the choices of an event's chunk; none if it has no chunk."""
    match event:
        case Delta(text):
            return [choice(text, None)]
        case Finished():
            return [choice("", chat_stream.finish_reason(event))]
    return []
