"""The chat page, and the endpoint that streams its answers."""

from __future__ import annotations

from itertools import pairwise
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from ninja import Schema
from pydantic import Field

from compat_api.chat import chat_models
from compat_api.chat.query_request import QueryRequest
from compat_api.conversations import running_answers, store
from compat_api.conversations.store import Question
from compat_api.http.streaming import StreamedResponse
from compat_api.webui import layout, permissions, selected_workspace
from compat_api.webui.chat import answer_stream, conversations
from documents.intake import tags as intake_tags
from documents.models import Status, Workspace
from documents.queries import listing
from graph.queries import subgraph

MODES = (
    ("mix", _("Everything"), _("chunks, entities and relations")),
    ("hybrid", _("Graph"), _("entities, relations and their chunks")),
    ("local", _("Entities"), _("entities and their chunks")),
    ("global", _("Relations"), _("relations and their chunks")),
    ("naive", _("Chunks"), _("chunks only; the graph is not searched")),
    ("bypass", _("No search"), _("only the language model")),
)
"""LightRAG's query modes with their labels and explanations."""


FIRST_QUESTIONS = (
    _("What do the documents say about %(name)s?"),
    _("How are %(name)s and %(other)s related?"),
)
MAX_SUGGESTIONS = 8
MAX_TURNS = 10_000
"""Upper bound on the questions of one conversation."""


class StoredTurn(Schema):
    """The ids of the conversation, the question and the answer in the database."""

    conversation: UUID
    turn: UUID
    position: int = Field(ge=0, lt=MAX_TURNS)
    answer: UUID


class ChatRequest(QueryRequest):
    """A question of the page. Without `stored_turn` the server does not store it."""

    stored_turn: StoredTurn | None = None

    def question(self, ids: StoredTurn) -> Question:
        """Return the question for `conversations.store`."""
        filters = (
            self.filters.model_dump(mode="json", exclude_defaults=True)
            if self.filters
            else {}
        )
        return Question(
            ids.conversation,
            ids.turn,
            ids.position,
            ids.answer,
            self.mode,
            self.query,
            filters,
        )


@permissions.needs("documents.view_document")
def show(request: HttpRequest, conversation_id: UUID | None = None) -> HttpResponse:
    """Show the page, with the conversation of that id."""
    workspace = selected_workspace.workspace(request)
    processed = listing.all_documents(workspace).filter(status=Status.PROCESSED)
    values = {
        "conversation_id": conversation_id or "",
        "suggestions": suggestions(workspace),
        "stores_conversations": conversations.user_of(request) is not None,
        "modes": MODES,
        "defaults": settings.LIGHTRAG.query,
        "has_model": chat_models.has_llm(),
        "has_reranker": settings.LIGHTRAG.rerank.binding != "null",
        "has_documents": processed.exists(),
    }
    return layout.show(request, "webui/chat.html", "chat", values)


def suggestions(workspace: Workspace) -> list[str]:
    """Return first questions about the best connected entities. Runs one query."""
    names = subgraph.popular(workspace.pk, len(FIRST_QUESTIONS) + 1)
    questions = [
        pattern % {"name": name, "other": other}
        for pattern, (name, other) in zip(
            FIRST_QUESTIONS, pairwise(names), strict=False
        )
    ]
    return [str(question) for question in questions]


@permissions.needs("documents.view_document")
def tags(request: HttpRequest) -> HttpResponse:
    """Return the tags that contain `q`."""
    workspace = selected_workspace.workspace(request)
    text = request.GET.get("q", "").strip().lower()
    names = [tag for tag in intake_tags.all_tags(workspace) if text in tag.lower()]
    return JsonResponse({"tags": names[:MAX_SUGGESTIONS]})


@require_POST
@permissions.needs("documents.view_document")
def ask(request: HttpRequest) -> StreamedResponse:
    """Stream the answer as lines of JSON; store it for a user who is logged in."""
    body = ChatRequest.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    lines = answer_stream.json_lines(workspace, body.as_params())
    user = conversations.user_of(request)
    if body.stored_turn and user:
        store.add_question(workspace, user, body.question(body.stored_turn))
        lines = running_answers.follow(body.stored_turn.answer, lines)
    return StreamedResponse(lines, "application/x-ndjson")
