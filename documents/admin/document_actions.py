"""Admin actions on documents: retry, cancel, delete."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from unfold.dataclasses import ActionDialog, UnfoldAction
from unfold.decorators import action
from unfold.forms import BaseDialogForm

from documents.admin_kit.translated_terms import lazily as _
from documents.admin_kit.write_admin import WritingAdmin
from documents.lifecycle import document_deletion, retry_and_cancel
from documents.models import UNFINISHED, Chunk, Document, Status, Workspace


def dialog(title: str, description: str, button: str) -> ActionDialog:
    """Return a confirmation dialog of an action, submitted by POST."""
    return ActionDialog(
        title=title, description=description, form_class=None, form_submit_text=button
    )


class DocumentActions(WritingAdmin):
    """Actions that call, for each workspace, the same functions as the REST API."""

    def has_ingest_permission(
        self, request: HttpRequest, obj: Document | None = None
    ) -> bool:
        """Return whether the user may retry and cancel: it needs the change permission."""
        return request.user.has_perm("documents.change_document")

    @action(description=_("Retry failed documents"), permissions=["ingest"])
    def retry_selected(
        self, request: HttpRequest, documents: QuerySet[Document]
    ) -> None:
        count = sum(
            retry_and_cancel.retry(
                workspace, Document.objects.filter(pk__in=keys(rows))
            )
            for workspace, rows in by_workspace(documents)
        )
        done = ngettext(
            "%d document was queued again.", "%d documents were queued again.", count
        )
        self.show_result(
            request, count, done, gettext("None of the selected documents has failed.")
        )

    @action(description=_("Stop processing"), permissions=["ingest"])
    def cancel_selected(
        self, request: HttpRequest, documents: QuerySet[Document]
    ) -> None:
        count = sum(
            retry_and_cancel.cancel(workspace, keys(rows))
            for workspace, rows in by_workspace(documents)
        )
        done = ngettext("%d document was stopped.", "%d documents were stopped.", count)
        self.show_result(
            request,
            count,
            done,
            gettext("None of the selected documents is being processed."),
        )

    @action(
        description=_("Retry"),
        icon="refresh",
        permissions=["ingest"],
        dialog=dialog(
            _("Retry this document?"),
            _("Existing extractions are kept."),
            _("Retry"),
        ),
    )
    def retry_one(
        self, request: HttpRequest, form: BaseDialogForm, object_id: str
    ) -> HttpResponse:
        self.retry_selected(request, Document.objects.filter(pk=object_id))
        return to_page(object_id)

    @action(
        description=_("Stop"),
        icon="block",
        permissions=["ingest"],
        dialog=dialog(
            _("Stop processing this document?"),
            _("Existing extractions are kept for a retry."),
            _("Stop"),
        ),
    )
    def cancel_one(
        self, request: HttpRequest, form: BaseDialogForm, object_id: str
    ) -> HttpResponse:
        self.cancel_selected(request, Document.objects.filter(pk=object_id))
        return to_page(object_id)

    def get_actions_detail(
        self, request: HttpRequest, object_id: str
    ) -> list[UnfoldAction]:
        """Offer retry for failed documents, and cancel for unfinished ones."""
        document = Document.objects.filter(pk=object_id).only("status").first()
        status = document.status if document else ""
        offered = {
            "retry_one": status == Status.FAILED,
            "cancel_one": status in UNFINISHED,
        }
        return [
            action
            for action in super().get_actions_detail(request, object_id)
            if offered[action.path]
        ]

    def show_result(
        self, request: HttpRequest, count: int, done: str, nothing: str
    ) -> None:
        """Show the number of changed documents; `done` is a format with the number."""
        if not count:
            self.message_user(request, nothing, messages.WARNING)
            return
        self.message_user(request, done % count, messages.SUCCESS)

    def delete_model(self, request: HttpRequest, obj: Document) -> None:
        document_deletion.delete_documents(obj.workspace, [obj.public_id])

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[Document]
    ) -> None:
        for workspace, documents in by_workspace(queryset):
            document_deletion.delete_documents(
                workspace, [d.public_id for d in documents]
            )

    def deletion_counts(self, objs: list[Any]) -> dict[str, int]:
        """Count the documents and their chunks."""
        chunks = Chunk.objects.filter(document__in=objs).count()
        return {gettext("documents"): len(objs), gettext("chunks"): chunks}


def by_workspace(
    documents: QuerySet[Document],
) -> Iterable[tuple[Workspace, list[Document]]]:
    """Return the documents grouped by workspace; one query."""
    grouped: dict[Workspace, list[Document]] = defaultdict(list)
    for document in documents.select_related("workspace"):
        grouped[document.workspace].append(document)
    return grouped.items()


def keys(documents: Iterable[Document]) -> list[int]:
    return [document.pk for document in documents]


def to_page(object_id: str) -> HttpResponse:
    """Redirect to the document's page with the header that htmx dialogs follow."""
    url = reverse("admin:documents_document_change", args=[object_id])
    return HttpResponse(headers={"HX-Redirect": url})
