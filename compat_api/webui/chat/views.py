"""The chat page, and the endpoint that streams its answers."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from compat_api.chat import chat_models
from compat_api.chat.query_request import QueryRequest
from compat_api.http.streaming import StreamedResponse
from compat_api.webui import layout, permissions, selected_workspace
from compat_api.webui.chat import answer_stream
from documents.models import Status
from documents.queries import listing

MODES = (
    ("mix", _("Everything"), _("chunks, entities and relations")),
    ("hybrid", _("Graph"), _("entities, relations and their chunks")),
    ("local", _("Entities"), _("entities and their chunks")),
    ("global", _("Relations"), _("relations and their chunks")),
    ("naive", _("Chunks"), _("chunks without the graph")),
    ("bypass", _("No search"), _("only the language model")),
)
"""LightRAG's query modes with their labels and explanations."""


@permissions.needs("documents.view_document")
def show(request: HttpRequest) -> HttpResponse:
    """Show the page. The browser stores the conversations."""
    workspace = selected_workspace.workspace(request)
    processed = listing.all_documents(workspace).filter(status=Status.PROCESSED)
    values = {
        "modes": MODES,
        "defaults": settings.LIGHTRAG.query,
        "has_model": chat_models.has_llm(),
        "has_reranker": settings.LIGHTRAG.rerank.binding != "null",
        "has_documents": processed.exists(),
    }
    return layout.show(request, "webui/chat.html", "chat", values)


@require_POST
@permissions.needs("documents.view_document")
def ask(request: HttpRequest) -> StreamedResponse:
    """Stream the answer as lines of JSON."""
    body = QueryRequest.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    lines = answer_stream.json_lines(workspace, body.as_params())
    return StreamedResponse(lines, "application/x-ndjson")
