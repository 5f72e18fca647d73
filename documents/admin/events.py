"""Admin list of pipeline events."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.decorators import display

from documents.admin_kit.lists import ReadOnlyAdmin
from documents.admin_kit.panels import moment
from documents.admin_kit.translated_terms import lazily as _
from documents.models import PipelineEvent


@admin.register(PipelineEvent)
class PipelineEventAdmin(ReadOnlyAdmin):
    """Pipeline events, newest first."""

    list_display = ["when", "message", "document", "workspace"]
    list_display_links = None
    list_filter = ["workspace"]
    list_select_related = ["document", "workspace"]
    search_fields = ["message"]
    ordering = ["-id"]

    @display(description=_("When"), ordering="id")
    def when(self, event: PipelineEvent) -> SafeString:
        return moment(event.created_at)
