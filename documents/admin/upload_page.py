"""Upload page of the admin: several files, or a text, with a result for each.

The page's script uploads each file in its own request, to show its progress, and requests
JSON.
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
from documents.intake import new_documents, uploads
from documents.intake.uploads import Accepted, TextItem
from documents.models import Workspace

if TYPE_CHECKING:
    from documents.admin.documents import DocumentAdmin

JSON = "application/json"
FILES, TEXT = "files", "text"
"""Names of the page's forms."""


@dataclass(frozen=True, slots=True)
class UploadResult:
    """The result of one upload: the document, or the error."""

    name: str
    accepted: Accepted | None = None
    error: str = ""


def show(model_admin: DocumentAdmin, request: HttpRequest) -> HttpResponse:
    """Show the page; after an upload, redirect to the list and show the results."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    files = _form(FilesForm, request, FILES)
    text = _form(TextForm, request, TEXT)
    if files.is_valid():
        results = upload_files(**files.cleaned_data)
        if request.get_preferred_type(["text/html", JSON]) == JSON:
            return JsonResponse({"files": [as_json(result) for result in results]})
        return _redirect(request, results)
    if text.is_valid():
        return _redirect(request, [upload_text(**text.cleaned_data)])
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Upload"),
        "content_title": _("Upload"),
        "files_form": files,
        "text_form": text,
    }
    return TemplateResponse(request, "admin/documents/upload.html", context)


def _form(kind: type[WorkspaceForm], request: HttpRequest, name: str) -> WorkspaceForm:
    """Return the form, bound if it was submitted."""
    if request.POST.get("form") != name:
        return kind(prefix=name)
    return kind(request.POST, request.FILES, prefix=name)


def upload_files(
    workspace: Workspace, files: Iterable[UploadedFile[Any]]
) -> list[UploadResult]:
    """Upload each file. An error of one file does not affect the others."""
    track_id = new_documents.track_id("upload")
    return [_file(workspace, file, track_id) for file in files]


def _file(workspace: Workspace, file: UploadedFile[Any], track_id: str) -> UploadResult:
    name = file.name or ""
    try:
        accepted = uploads.accept_file(
            workspace, name, file.chunks(), track_id=track_id
        )
    except DocumentError as error:
        return UploadResult(name, error=str(error))
    return UploadResult(name, accepted)


def upload_text(workspace: Workspace, name: str, text: str) -> UploadResult:
    """Upload a text."""
    try:
        accepted = uploads.accept_texts(
            workspace, [TextItem(text, name)], track_id=new_documents.track_id("insert")
        )
    except DocumentError as error:
        return UploadResult(name, error=str(error))
    return UploadResult(name, accepted[0])


def as_json(result: UploadResult) -> dict[str, str]:
    """Return the result as JSON for the page's script."""
    if result.accepted is None:
        return {"name": result.name, "refusal": result.error}
    document = result.accepted.document
    url = reverse("admin:documents_document_change", args=[document.pk])
    state = _("already exists") if result.accepted.duplicate else _("queued")
    return {"name": document.name, "url": url, "state": state}


def _redirect(request: HttpRequest, results: Iterable[UploadResult]) -> HttpResponse:
    for result in results:
        _show_result(request, result)
    return HttpResponseRedirect(reverse("admin:documents_document_changelist"))


def _show_result(request: HttpRequest, result: UploadResult) -> None:
    if result.accepted is None:
        messages.error(request, f"{result.name}: {result.error}")
        return
    document = result.accepted.document
    link = page_of("documents_document", document.pk, document.name)
    if result.accepted.duplicate:
        text = format_html(_("{} already exists: {}."), result.name, link)
        messages.warning(request, text)
    else:
        messages.success(request, format_html(_("{} is queued."), link))
