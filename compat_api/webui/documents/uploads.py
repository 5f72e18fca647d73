"""Files and texts handed in on the page, one a request, each with its own answer."""

from __future__ import annotations

from pathlib import PurePath

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from ninja import Schema
from pydantic import Field

from compat_api.webui import permissions, selected_workspace
from documents.intake import track_ids, uploads
from documents.intake.uploads import Accepted, TextItem
from documents.queries import listing


@require_POST
@permissions.needs("documents.add_document")
def upload(request: HttpRequest) -> HttpResponse:
    """Take the file `file`; with `replace` as a new version of what has its name."""
    workspace = selected_workspace.workspace(request)
    file = request.FILES.get("file")
    if file is None:
        return JsonResponse(
            {"detail": _("There is no file in this request.")}, status=422
        )
    accepted = uploads.accept_file(
        workspace,
        file.name or "",
        file.chunks(),
        track_id=track_ids.make("upload"),
        replace=request.POST.get("replace") == "1",
    )
    return taken(accepted)


@require_POST
@permissions.needs("documents.add_document")
def version(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take the file `file`, whatever it is called, as the document's new version."""
    workspace = selected_workspace.workspace(request)
    old = listing.find(workspace, public_id)
    file = request.FILES.get("file")
    if file is None or PurePath(file.name or "").suffix != PurePath(old.name).suffix:
        suffix = PurePath(old.name).suffix
        told = _("A new version of this document must be a %s file.") % suffix
        return JsonResponse({"detail": told}, status=422)
    accepted = uploads.accept_file(
        workspace,
        old.name,
        file.chunks(),
        track_id=track_ids.make("upload"),
        replace=True,
    )
    return taken(accepted)


class Text(Schema):
    """A text and the name it shall go by."""

    name: str = Field(max_length=255)
    text: str


@require_POST
@permissions.needs("documents.add_document")
def text(request: HttpRequest) -> HttpResponse:
    """Take a text that was written or pasted."""
    body = Text.model_validate_json(request.body)
    item = TextItem(body.text, body.name.strip() or None)
    accepted = uploads.accept_texts(
        selected_workspace.workspace(request), [item], track_id=track_ids.make("insert")
    )
    return taken(accepted[0])


def taken(accepted: Accepted) -> JsonResponse:
    """Where the document is found, and whether it was there before."""
    document = accepted.document
    return JsonResponse(
        {
            "name": document.name,
            "duplicate": accepted.duplicate,
            "url": reverse("pages:document", args=[document.public_id]),
        }
    )
