"""What the pipeline has done, line by line."""

from __future__ import annotations

from django.contrib import admin

from documents.models import PipelineEvent
from graph.admin.lists import ReadOnlyAdmin


@admin.register(PipelineEvent)
class PipelineEventAdmin(ReadOnlyAdmin):
    """The newest lines first."""

    list_display = ["created_at", "message", "document", "workspace"]
    list_display_links = None
    list_filter = ["workspace"]
    list_select_related = ["document", "workspace"]
    search_fields = ["message"]
    ordering = ["-id"]
