"""Uploads of files and texts, one per request."""

from __future__ import annotations

from pathlib import PurePath

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from ninja import Schema
from pydantic import Field

from compat_api.http.body_limit import BodyLimit, body_limit
from compat_api.webui import permissions, selected_workspace
from documents.intake import new_documents, uploads
from documents.intake.uploads import Accepted, TextItem
from documents.queries import listing


@body_limit(BodyLimit.UPLOAD)
@require_POST
@permissions.needs("documents.add_document")
def upload(request: HttpRequest) -> HttpResponse:
    """Accept the file `file`; with `replace`, as a new version of an existing document.

    `path` is its path in an uploaded folder, which is then part of the document's name.
    """
    workspace = selected_workspace.workspace(request)
    file = request.FILES.get("file")
    if file is None:
        return JsonResponse({"detail": _("The request contains no file.")}, status=422)
    accepted = uploads.accept_file(
        workspace,
        request.POST.get("path") or file.name or "",
        file.chunks(),
        track_id=new_documents.track_id("upload"),
        folders=True,
        replace=request.POST.get("replace") == "1",
    )
    return result(accepted)


@body_limit(BodyLimit.UPLOAD)
@require_POST
@permissions.needs("documents.add_document")
def version(request: HttpRequest, public_id: str) -> HttpResponse:
    """Accept the file `file` as a new version of the document, which keeps its name."""
    workspace = selected_workspace.workspace(request)
    document = listing.get(workspace, public_id)
    suffix = PurePath(document.name).suffix
    file = request.FILES.get("file")
    if file is None or PurePath(file.name or "").suffix != suffix:
        detail = _("A new version of this document must be a %s file.") % suffix
        return JsonResponse({"detail": detail}, status=422)
    accepted = uploads.accept_file(
        workspace,
        document.name,
        file.chunks(),
        track_id=new_documents.track_id("upload"),
        folders=True,
        replace=True,
    )
    return result(accepted)


class TextRequest(Schema):
    """A text and the name of its document."""

    name: str = Field(max_length=255)
    text: str


@body_limit(BodyLimit.TEXT)
@require_POST
@permissions.needs("documents.add_document")
def text(request: HttpRequest) -> HttpResponse:
    """Accept a text from the form."""
    body = TextRequest.model_validate_json(request.body)
    item = TextItem(body.text, body.name.strip() or None)
    accepted = uploads.accept_texts(
        selected_workspace.workspace(request),
        [item],
        track_id=new_documents.track_id("insert"),
    )
    return result(accepted[0])


def result(accepted: Accepted) -> JsonResponse:
    """Return the URL of the document, and whether it existed already."""
    document = accepted.document
    return JsonResponse(
        {
            "name": document.name,
            "duplicate": accepted.duplicate,
            "url": reverse("webui:document", args=[document.public_id]),
        }
    )
