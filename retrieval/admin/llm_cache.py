"""Every completion that was paid for."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.decorators import display

from graph.admin.lists import RecordAdmin
from graph.admin.panels import moment, page_of, quoted
from retrieval.models import LLMCache

COLOURS = {"extract": "primary", "summary": "info", "keywords": "", "query": "success"}

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
    """The newest first; entries may be deleted, and are paid for again when needed."""

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
    search_help_text = "Model or key"
    fields = FIELDS

    @display(description="Created", ordering="created_at")
    def created(self, entry: LLMCache) -> SafeString:
        return moment(entry.created_at)

    @display(description="Purpose", ordering="purpose", label=COLOURS)
    def kind(self, entry: LLMCache) -> tuple[str, str]:
        return entry.purpose, entry.get_purpose_display()

    @display(description="Chunk")
    def of_chunk(self, entry: LLMCache) -> SafeString | str:
        if entry.chunk is None:
            return ""
        return page_of("documents_chunk", entry.chunk.pk, entry.chunk)

    @display(description="Answer")
    def answer(self, entry: LLMCache) -> SafeString:
        return quoted(entry.response)
