"""Endpoints of stored conversations: list, open, change, export, stop."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_POST
from ninja import Schema
from pydantic import Field

from compat_api.conversations import export, store
from compat_api.models import MAX_TITLE_LENGTH, Conversation
from compat_api.webui import permissions, selected_workspace
from documents.models import Document, Workspace
from retrieval.models import Feedback

FORMATS = {
    "md": ("text/markdown", export.as_markdown),
    "json": ("application/json", export.as_json),
}


class ConversationChange(Schema):
    """The fields to change; absent ones keep their value."""

    title: str | None = Field(
        None, min_length=1, max_length=MAX_TITLE_LENGTH, pattern=r"^[^\x00]*$"
    )
    shared: bool | None = None
    deleted: bool | None = None


def user_of(request: HttpRequest) -> AbstractBaseUser | None:
    """Return the user whose conversations are stored; None without a login."""
    return request.user if isinstance(request.user, AbstractBaseUser) else None


def _required_user(request: HttpRequest) -> AbstractBaseUser:
    user = user_of(request)
    if user is None:
        raise store.ConversationNotFound
    return user


@require_GET
@permissions.needs("documents.view_document")
def search(request: HttpRequest) -> HttpResponse:
    """Return the user's conversations that contain the text `q`, newest first."""
    user = _required_user(request)
    workspace = selected_workspace.workspace(request)
    text = request.GET.get("q", "").strip()[:MAX_TITLE_LENGTH]
    return JsonResponse({"conversations": store.search(workspace, user, text)})


@require_GET
@permissions.needs("documents.view_document")
def contents(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Return a conversation with its answers, also those that are being generated."""
    conversation = _readable(request, conversation_id)
    turns = store.contents(conversation)
    _add_verdicts(conversation.workspace, request.user.get_username(), turns)
    is_own = conversation.owner_id == request.user.pk
    values = {
        "own": is_own,
        "scope": conversation.scope,
        "turns": turns,
        "document_names": _document_names(conversation, turns),
    }
    return JsonResponse(store.summary(conversation) | values)


def _readable(request: HttpRequest, conversation_id: UUID) -> Conversation:
    workspace = selected_workspace.workspace(request)
    return store.readable(conversation_id, workspace, _required_user(request))


def _add_verdicts(
    workspace: Workspace, author: str, turns: list[dict[str, Any]]
) -> None:
    answers = [answer for turn in turns for answer in turn["answers"]]
    rows = Feedback.objects.filter(
        workspace=workspace,
        author=author,
        answer_key__in=[answer["key"] for answer in answers],
    )
    verdicts = {str(row.answer_key): row.verdict for row in rows}
    for answer in answers:
        answer["verdict"] = verdicts.get(answer["key"], "")


def _document_names(
    conversation: Conversation, turns: list[dict[str, Any]]
) -> dict[str, str]:
    """Return the names of the documents that filters name, by their ids."""
    scopes = [conversation.scope, *(turn["scope"] for turn in turns)]
    ids = {pk for scope in scopes for pk in scope.get("document_ids", ())}
    rows = Document.objects.filter(
        workspace=conversation.workspace_id, public_id__in=ids
    )
    return dict(rows.values_list("public_id", "name"))


@require_POST
@permissions.needs("documents.view_document")
def change(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Rename, share, delete or restore one of the user's conversations."""
    body = ConversationChange.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    user = _required_user(request)
    conversation = store.editable(conversation_id, workspace, user)
    if body.title is not None:
        conversation.title = body.title
    if body.shared is not None:
        conversation.is_shared = body.shared
    if body.deleted is False:
        conversation.deleted_at = None
    conversation.save(update_fields=["title", "is_shared", "deleted_at"])
    if body.deleted:
        store.delete(conversation)
    return JsonResponse(store.summary(conversation))


@require_GET
@permissions.needs("documents.view_document")
def download(request: HttpRequest, conversation_id: UUID, form: str) -> HttpResponse:
    """Return a conversation as a file; `form` is `md` or `json`."""
    conversation = _readable(request, conversation_id)
    content_type, write = FORMATS[form]
    response = HttpResponse(
        write(conversation), content_type=f"{content_type}; charset=utf-8"
    )
    name = slugify(conversation.title)[:60] or "conversation"
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


@require_POST
@permissions.needs("documents.view_document")
def stop(request: HttpRequest, key: UUID) -> HttpResponse:
    """Stop the generation of an answer."""
    workspace = selected_workspace.workspace(request)
    store.stop(workspace, _required_user(request), key)
    return JsonResponse({})
