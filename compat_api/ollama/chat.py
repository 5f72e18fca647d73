"""`POST /api/chat` with retrieval, and `POST /api/generate` without."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from ninja import Router

from compat_api.auth import callers
from compat_api.auth.permissions import READ
from compat_api.chat import chat_models, conversation
from compat_api.chat.conversation import RequestOptions
from compat_api.chat.source_list import ChatAPI
from compat_api.http.streaming import StreamedResponse
from compat_api.ollama import chat_stream, context_field, tool_messages
from compat_api.ollama.chat_stream import Envelope
from compat_api.ollama.schemas import ChatRequest, GenerateRequest
from documents.models import Workspace
from retrieval.llm.base import Message
from retrieval.search.params import Mode, QueryParams

router = Router(tags=["ollama"])


@router.post("/chat", auth=READ, response=dict[str, Any])
async def chat(request: HttpRequest, body: ChatRequest) -> HttpResponseBase:
    """Answer the last message from the knowledge base."""
    body.check()
    envelope = Envelope(body.model, in_message=True, thinks=body.think is not False)
    model = chat_models.find(body.model)
    messages = [Message("system", body.system)] if body.system else []
    messages += tool_messages.plain(body.messages)
    options = RequestOptions(
        {}, body.model_options(), body.requested_schema(), body.offered_tools()
    )
    params = conversation.as_params(model, messages, options)
    workspace = await callers.workspace_async(request, model.workspace)
    return await respond(envelope, workspace, params, stream=body.stream is not False)


@router.post("/generate", auth=READ, response=dict[str, Any])
async def generate(request: HttpRequest, body: GenerateRequest) -> HttpResponseBase:
    """Answer the prompt by the language model alone, without the knowledge base."""
    body.check()
    model = chat_models.find(body.model)
    if not body.prompt.strip():
        return JsonResponse(load_response(body.model, unloads=body.unloads))
    earlier = context_field.decode(body.context or ())
    history = (Message("system", body.system),) if body.system else ()
    params = QueryParams(
        query=body.prompt,
        mode=Mode.BYPASS,
        conversation_history=history + earlier,
        options=body.model_options(),
        json_schema=body.requested_schema(),
    )
    workspace = await callers.workspace_async(request, model.workspace)
    context = (*earlier, Message("user", body.prompt))
    envelope = Envelope(
        body.model,
        in_message=False,
        context=context,
        thinks=body.think is not False,
    )
    return await respond(envelope, workspace, params, stream=bool(body.stream))


async def respond(
    envelope: Envelope, workspace: Workspace, params: QueryParams, *, stream: bool
) -> HttpResponseBase:
    """Return the answer as a stream of lines or as one object."""
    if stream:
        events = await conversation.start_answer(workspace, params, ChatAPI.OLLAMA)
        return StreamedResponse(
            chat_stream.lines(envelope, events),
            chat_stream.MEDIA_TYPE,
            lambda: chat_stream.as_line(envelope.part("")),
        )
    result = await conversation.whole_answer(workspace, params, ChatAPI.OLLAMA)
    return JsonResponse(chat_stream.whole(envelope, result))


def load_response(model: str, *, unloads: bool) -> dict[str, Any]:
    """Return Ollama's response to an empty prompt: the model is loaded or unloaded."""
    return {
        "model": model,
        "created_at": chat_stream.now(),
        "response": "",
        "done": True,
        "done_reason": "unload" if unloads else "load",
    }
