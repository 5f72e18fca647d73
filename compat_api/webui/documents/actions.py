"""What may be done with documents on their list: one at a time or many."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST
from ninja import Schema
from pydantic import Field

from compat_api.webui import permissions, selected_workspace
from documents.intake import tags
from documents.lifecycle import deletion, retry_and_cancel
from documents.queries import listing


class Act(Schema):
    """What to do with which documents; without ids with all it can be done with."""

    action: Literal["retry", "cancel", "delete"]
    ids: list[str] = Field(default_factory=list, max_length=1000)
    everything: bool = False
    delete_file: bool = True


@require_POST
@permissions.needs("documents.change_document")
def act(request: HttpRequest) -> HttpResponse:
    """Retry or cancel."""
    body = Act.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    rows = listing.of(workspace)
    if not body.everything:
        rows = rows.filter(public_id__in=body.ids)
    if body.action == "retry":
        count = retry_and_cancel.retry(workspace, rows)
        return said(ngettext("%d document queued", "%d documents queued", count), count)
    ids = None if body.everything else list(rows.values_list("pk", flat=True))
    count = retry_and_cancel.cancel(workspace, ids)
    return said(ngettext("%d document stopped", "%d documents stopped", count), count)


@require_POST
@permissions.needs("documents.delete_document")
def delete(request: HttpRequest) -> HttpResponse:
    """Delete these documents with everything they said."""
    body = Act.model_validate_json(request.body)
    report = deletion.delete_documents(
        selected_workspace.workspace(request), body.ids, delete_file=body.delete_file
    )
    count = len(report.deleted)
    return said(ngettext("%d document deleted", "%d documents deleted", count), count)


class Tagging(Schema):
    """Tags to give to and to take from these documents."""

    ids: list[str] = Field(max_length=1000)
    add: list[str] = Field(default_factory=list, max_length=100)
    remove: list[str] = Field(default_factory=list, max_length=100)


@require_POST
@permissions.needs("documents.change_document")
def tag(request: HttpRequest) -> HttpResponse:
    """Give and take tags; one that can't be used changes nothing."""
    body = Tagging.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    count = tags.change(workspace, body.ids, add=body.add, remove=body.remove)
    return said(ngettext("%d document tagged", "%d documents tagged", count), count)


def said(words: str, count: int) -> JsonResponse:
    """What was done; nothing where it was nothing."""
    return JsonResponse(
        {"message": words % count if count else gettext("Nothing to do")}
    )
