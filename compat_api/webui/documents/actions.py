"""Actions on one or more documents."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST
from ninja import Schema
from pydantic import Field

from compat_api.webui import permissions, selected_workspace
from documents.intake import tags
from documents.lifecycle import document_deletion, retry_and_cancel
from documents.queries import listing


class ActionRequest(Schema):
    """An action on the documents `ids` or, with `everything`, on all suitable ones."""

    action: Literal["retry", "cancel", "delete"]
    ids: list[str] = Field(default_factory=list, max_length=1000)
    everything: bool = False
    delete_file: bool = True


@require_POST
@permissions.needs("documents.change_document")
def act(request: HttpRequest) -> HttpResponse:
    """Retry or cancel documents."""
    body = ActionRequest.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    rows = listing.all_documents(workspace)
    if not body.everything:
        rows = rows.filter(public_id__in=body.ids)
    if body.action == "retry":
        count = retry_and_cancel.retry(workspace, rows)
        return result(
            ngettext("%d document queued", "%d documents queued", count), count
        )
    ids = None if body.everything else list(rows.values_list("pk", flat=True))
    count = retry_and_cancel.cancel(workspace, ids)
    return result(ngettext("%d document stopped", "%d documents stopped", count), count)


@require_POST
@permissions.needs("documents.delete_document")
def delete(request: HttpRequest) -> HttpResponse:
    """Delete documents, and what only they contributed to the graph."""
    body = ActionRequest.model_validate_json(request.body)
    report = document_deletion.delete_documents(
        selected_workspace.workspace(request), body.ids, delete_file=body.delete_file
    )
    count = len(report.deleted)
    return result(ngettext("%d document deleted", "%d documents deleted", count), count)


class TagRequest(Schema):
    """Tags to add to and to remove from the documents `ids`."""

    ids: list[str] = Field(max_length=1000)
    add: list[str] = Field(default_factory=list, max_length=100)
    remove: list[str] = Field(default_factory=list, max_length=100)


@require_POST
@permissions.needs("documents.change_document")
def tag(request: HttpRequest) -> HttpResponse:
    """Change the tags of documents. An invalid tag changes nothing."""
    body = TagRequest.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    count = tags.change_tags(workspace, body.ids, add=body.add, remove=body.remove)
    return result(ngettext("%d document tagged", "%d documents tagged", count), count)


def result(message: str, count: int) -> JsonResponse:
    """Return the message about `count` documents."""
    text = message % count if count else gettext("No documents to change")
    return JsonResponse({"message": text})
