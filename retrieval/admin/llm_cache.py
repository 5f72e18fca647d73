"""The admin list of cached completions."""

from __future__ import annotations

from collections import Counter

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from documents.admin_kit.lists import RecordAdmin
from documents.admin_kit.panels import moment, page_of, quoted
from documents.admin_kit.translated_terms import lazily as _
from documents.workspaces import audit
from documents.workspaces.audit import Action
from retrieval.llm.usage.models import LLMCache

COLOURS = {
    "extract": "primary",
    "figures": "warning",
    "summary": "info",
    "keywords": "",
    "query": "success",
}

FIELDS = (
    "purpose",
    "mode",
    "model",
    "workspace",
    "of_chunk",
    "key",
    "prompt_chars",
    "prompt_tokens",
    "completion_tokens",
    "created_at",
    "answer",
)


@admin.register(LLMCache)
class LLMCacheAdmin(RecordAdmin):
    """Cache entries, newest first; the model is called again for deleted ones."""

    list_display = [
        "created",
        "kind",
        "model",
        "prompt_tokens",
        "completion_tokens",
        "prompt_chars",
        "workspace",
    ]
    list_filter = ["workspace", "purpose"]
    search_fields = ["model", "key"]
    search_help_text = _("Model or key")
    fields = FIELDS

    def delete_model(self, request: HttpRequest, obj: LLMCache) -> None:
        """Delete the entry and record it in the audit trail."""
        self.delete_queryset(request, LLMCache.objects.filter(pk=obj.pk))

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[LLMCache]
    ) -> None:
        """Delete the entries and record them, one audit row per workspace."""
        with transaction.atomic():
            counts = Counter(queryset.values_list("workspace", flat=True))
            for workspace, count in counts.items():
                audit.record(
                    Action.CACHE_CLEAR, "entries", workspace_id=workspace, count=count
                )
            super().delete_queryset(request, queryset)

    @display(description=_("Created at"), ordering="created_at")
    def created(self, entry: LLMCache) -> SafeString:
        return moment(entry.created_at)

    @display(description=_("Purpose"), ordering="purpose", label=COLOURS)
    def kind(self, entry: LLMCache) -> tuple[str, str]:
        return entry.purpose, entry.get_purpose_display()

    @display(description=_("Chunk"))
    def of_chunk(self, entry: LLMCache) -> SafeString | str:
        if entry.chunk is None:
            return ""
        return page_of("documents_chunk", entry.chunk.pk, entry.chunk)

    @display(description=_("Answer"))
    def answer(self, entry: LLMCache) -> SafeString:
        return quoted(entry.response)
