"""Admin list and pages of documents. Their fields are read-only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from documents.admin import (
    cells,
    document_panels,
    live_progress,
    status_strip,
    upload_page,
)
from documents.admin.document_actions import DocumentActions
from documents.admin_kit import panels
from documents.admin_kit.panels import moment
from documents.admin_kit.translated_terms import lazily as _
from documents.models import Document
from documents.queries import progress


@admin.register(Document)
class DocumentAdmin(DocumentActions):
    """Documents of all workspaces, newest first."""

    list_display = [
        "title",
        "status_cell",
        "progress_cell",
        "length",
        "workspace",
        "created",
        "updated",
    ]
    list_filter = ["workspace", "status"]
    list_select_related = ["workspace"]
    list_before_template = "admin/documents/strip.html"
    search_fields = ["name", "public_id", "track_id"]
    search_help_text = _("Name, document id or track id")
    date_hierarchy = "created_at"
    ordering = ["-id"]
    actions = ["retry_selected", "cancel_selected"]
    actions_detail = ["retry_one", "cancel_one"]
    change_form_outer_before_template = "admin/documents/poller.html"
    change_form_outer_after_template = panels.TEMPLATE
    fieldsets = [
        (None, {"fields": ["status_cell", "progress_cell", "whole_error"]}),
        (
            _("Document"),
            {
                "fields": [
                    "document_id",
                    "workspace",
                    "length",
                    "track_id",
                    "source_path",
                    "created",
                    "updated",
                    "content_summary",
                ]
            },
        ),
        (_("Details"), {"fields": ["chunking", "metadata"], "classes": ["collapse"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        return progress.with_progress(super().get_queryset(request))

    def has_change_permission(
        self, request: HttpRequest, obj: Document | None = None
    ) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        return [*live_progress.urls(self), *super().get_urls()]

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return upload_page.show(self, request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            changelist = response.context_data.get("cl")
            if changelist:
                response.context_data["status_strip"] = status_strip.items(changelist)
                response.context_data["live_ids"] = live_progress.ids(
                    changelist.result_list
                )
        return response

    def panel_context(self, obj: Document) -> dict[str, Any]:
        return {"panels": document_panels.of(obj), "live_ids": live_progress.ids([obj])}

    @display(description=_("Status"), ordering="status")
    def status_cell(self, document: Document) -> SafeString:
        return cells.status(document)

    @display(description=_("Chunks"), ordering="chunks_count")
    def progress_cell(self, document: Document) -> SafeString:
        return cells.chunks(document)

    @display(description=_("Name"), ordering="name")
    def title(self, document: Document) -> SafeString:
        return format_html("{}{}", document.name, cells.error(document))

    @display(description=_("Error"))
    def whole_error(self, document: Document) -> SafeString:
        return format_html('<span class="whole-error">{}</span>', document.error_msg)

    @display(description=_("Document id"))
    def document_id(self, document: Document) -> str:
        return document.public_id

    @display(description=_("Characters"), ordering="content_length")
    def length(self, document: Document) -> str:
        return f"{document.content_length:,}"

    @display(description=_("Created at"), ordering="created_at")
    def created(self, document: Document) -> SafeString:
        return moment(document.created_at)

    @display(description=_("Changed"), ordering="updated_at")
    def updated(self, document: Document) -> SafeString:
        return moment(document.updated_at)
