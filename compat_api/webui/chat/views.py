"""The chat: a question and its settings go in, the answer comes out as it is written."""

from __future__ import annotations

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from compat_api.chat import chat_models
from compat_api.chat.query_request import QueryRequest
from compat_api.http.streaming import StreamedResponse
from compat_api.webui import layout, permissions, selected_workspace
from compat_api.webui.chat import answer_stream
from documents.models import Status
from documents.queries import listing

BUILD = "webui/build/"
MODES = (
    ("mix", _("Everything"), _("passages, entities and relations together")),
    ("hybrid", _("Graph"), _("entities and relations, and their passages")),
    ("local", _("Entities"), _("what is said of single things")),
    ("global", _("Relations"), _("how things hang together")),
    ("naive", _("Passages"), _("passages alone, without the graph")),
    ("bypass", _("No search"), _("the language model alone")),
)


@permissions.needs("documents.view_document")
def show(request: HttpRequest) -> HttpResponse:
    """The page. Conversations stay in the browser: what somebody asks is their own, and
    no copy of a document's words outlives it here. Where the scripts that set formulas
    and draw evidence were not built, the rest works."""
    workspace = selected_workspace.workspace(request)
    ready = listing.of(workspace).filter(status=Status.PROCESSED).exists()
    values = {
        "modes": MODES,
        "defaults": settings.LIGHTRAG.query,
        "has_model": chat_models.has_llm(),
        "has_reranker": settings.LIGHTRAG.rerank.binding != "null",
        "has_documents": ready,
        "build": static(BUILD) if finders.find(f"{BUILD}formulas.js") else "",
    }
    return layout.show(request, "pages/chat.html", "chat", values)


@require_POST
@permissions.needs("documents.view_document")
def ask(request: HttpRequest) -> StreamedResponse:
    """A line of JSON for each step, piece and source; a failure is a line, too."""
    body = QueryRequest.model_validate_json(request.body)
    lines = answer_stream.of(selected_workspace.workspace(request), body.as_params())
    return StreamedResponse(lines, "application/x-ndjson")
