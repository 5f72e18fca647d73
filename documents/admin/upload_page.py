"""Handing in documents: several files at once, or a text, each with its own answer.

The page's script sends each file by itself, to tell how far it is, and asks for JSON.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from documents.admin.forms import FilesForm, TextForm, WorkspaceForm
from documents.admin_kit.panels import page_of
from documents.errors import DocumentError
from documents.intake import track_ids, uploads
from documents.intake.uploads import Accepted, TextItem
from documents.models import Workspace

if TYPE_CHECKING:
    from documents.admin.documents import DocumentAdmin

JSON = "application/json"
FILES, TEXT = "files", "text"
"""The forms of the page, told apart by the button that was pressed."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of one file or text: its document, or why there is none."""

    name: str
    accepted: Accepted | None = None
    refusal: str = ""


def show(model_admin: DocumentAdmin, request: HttpRequest) -> HttpResponse:
    """The page; after a form of it was sent, the list of documents with the answers."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    files = _form(FilesForm, request, FILES)
    text = _form(TextForm, request, TEXT)
    if files.is_valid():
        handed = hand_in_files(**files.cleaned_data)
        if request.get_preferred_type(["text/html", JSON]) == JSON:
            return JsonResponse({"files": [told(one) for one in handed]})
        return _answer(request, handed)
    if text.is_valid():
        return _answer(request, [hand_in_text(**text.cleaned_data)])
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Upload"),
        "content_title": _("Upload"),
        "files_form": files,
        "text_form": text,
    }
    return TemplateResponse(request, "admin/documents/upload.html", context)


def _form(kind: type[WorkspaceForm], request: HttpRequest, name: str) -> WorkspaceForm:
    """Bound, if it is the one that was sent."""
    if request.POST.get("form") != name:
        return kind(prefix=name)
    return kind(request.POST, request.FILES, prefix=name)


def hand_in_files(
    workspace: Workspace, files: Iterable[UploadedFile[Any]]
) -> list[Handed]:
    """Each file by itself: what is wrong with one is nothing to the others."""
    track_id = track_ids.make("upload")
    return [_file(workspace, file, track_id) for file in files]


def _file(workspace: Workspace, file: UploadedFile[Any], track_id: str) -> Handed:
    name = file.name or ""
    try:
        accepted = uploads.accept_file(
            workspace, name, file.chunks(), track_id=track_id
        )
    except DocumentError as error:
        return Handed(name, refusal=str(error))
    return Handed(name, accepted)


def hand_in_text(workspace: Workspace, name: str, text: str) -> Handed:
    """One text under a name."""
    try:
        accepted = uploads.accept_texts(
            workspace, [TextItem(text, name)], track_id=track_ids.make("insert")
        )
    except DocumentError as error:
        return Handed(name, refusal=str(error))
    return Handed(name, accepted[0])


def told(handed: Handed) -> dict[str, str]:
    """What became of one file, as the page's script reads it."""
    if handed.accepted is None:
        return {"name": handed.name, "refusal": handed.refusal}
    document = handed.accepted.document
    url = reverse("admin:documents_document_change", args=[document.pk])
    state = _("already exists") if handed.accepted.duplicate else _("queued")
    return {"name": document.name, "url": url, "state": state}


def _answer(request: HttpRequest, handed: Iterable[Handed]) -> HttpResponse:
    for one in handed:
        _tell(request, one)
    return HttpResponseRedirect(reverse("admin:documents_document_changelist"))


def _tell(request: HttpRequest, handed: Handed) -> None:
    if handed.accepted is None:
        messages.error(request, f"{handed.name}: {handed.refusal}")
        return
    document = handed.accepted.document
    link = page_of("documents_document", document.pk, document.name)
    if handed.accepted.duplicate:
        text = format_html(_("{} already exists: {}."), handed.name, link)
        messages.warning(request, text)
    else:
        messages.success(request, format_html(_("{} is queued."), link))
