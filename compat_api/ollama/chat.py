"""`POST /api/chat`, over the documents, and `POST /api/generate`, by the model alone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from ninja import Router

from compat_api.auth import workspace_access
from compat_api.auth.permissions import READ
from compat_api.chat import chat_models, conversation
from compat_api.chat.conversation import Wanted
from compat_api.http.streaming import StreamedResponse
from compat_api.ollama import durations, lines, model_state, tool_messages
from compat_api.ollama.lines import Speech
from compat_api.ollama.schemas import ChatRequest, GenerateRequest
from documents.models import Workspace
from retrieval.llm.base import Message
from retrieval.query import answer
from retrieval.search.params import Mode, QueryParams

router = Router(tags=["ollama"])


@router.post("/chat", auth=READ, response=dict[str, Any])
async def chat(request: HttpRequest, body: ChatRequest) -> HttpResponseBase:
    """The last message answered from the knowledge base."""
    body.check()
    speech = Speech(body.model, in_message=True)
    model = chat_models.find(body.model)
    messages = [Message("system", body.system)] if body.system else []
    messages += tool_messages.plain(body.messages)
    wanted = Wanted({}, body.model_options(), body.schema_wanted(), body.offered())
    params = conversation.as_params(model, messages, wanted)
    workspace = await workspace_access.workspace_async(request, model.workspace)
    return await respond(speech, workspace, params, stream=body.stream is not False)


@router.post("/generate", auth=READ, response=dict[str, Any])
async def generate(request: HttpRequest, body: GenerateRequest) -> HttpResponseBase:
    """The prompt answered by the language model, without the knowledge base."""
    body.check()
    model = chat_models.find(body.model)
    if not body.prompt.strip():
        return JsonResponse(loaded(body.model, unloads=body.unloads))
    before = model_state.read(body.context or ())
    history = (Message("system", body.system),) if body.system else ()
    params = QueryParams(
        query=body.prompt,
        mode=Mode.BYPASS,
        conversation_history=history + before,
        options=body.model_options(),
        json_schema=body.schema_wanted(),
    )
    workspace = await workspace_access.workspace_async(request, model.workspace)
    asked = (*before, Message("user", body.prompt))
    speech = Speech(body.model, in_message=False, before=asked)
    return await respond(speech, workspace, params, stream=bool(body.stream))


async def respond(
    speech: Speech, workspace: Workspace, params: QueryParams, *, stream: bool
) -> HttpResponseBase:
    """The answer in a stream of lines, or in one object."""
    if stream:
        events = await conversation.start_answer(workspace, params)
        return StreamedResponse(lines.lines(speech, events), lines.MEDIA_TYPE)
    return JsonResponse(lines.whole(speech, await answer.ask(workspace, params)))


def loaded(model: str, *, unloads: bool) -> dict[str, Any]:
    """What Ollama says to no prompt: the model is there, or has gone."""
    return {
        "model": model,
        "created_at": durations.now(),
        "response": "",
        "done": True,
        "done_reason": "unload" if unloads else "load",
    }
