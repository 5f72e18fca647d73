"""What people thought of answers."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.decorators import display

from documents.admin_kit.lists import RecordAdmin
from documents.admin_kit.panels import moment, quoted
from documents.admin_kit.translated_terms import lazily as _
from retrieval.models import Feedback

COLOURS = {"good": "success", "bad": "danger"}

FIELDS = (
    "verdict",
    "comment",
    "question",
    "mode",
    "said",
    "references",
    "cited_chunks",
    "read_chunks",
    "author",
    "workspace",
    "created_at",
)


@admin.register(Feedback)
class FeedbackAdmin(RecordAdmin):
    """The newest first; a verdict may be deleted, and counts no more."""

    list_display = ["judged", "thumb", "question", "mode", "author", "workspace"]
    list_filter = ["workspace", "verdict", "mode"]
    search_fields = ["question", "comment"]
    search_help_text = _("Question or comment")
    fields = FIELDS

    @display(description=_("Judged"), ordering="updated_at")
    def judged(self, given: Feedback) -> SafeString:
        return moment(given.updated_at)

    @display(description=_("Verdict"), ordering="verdict", label=COLOURS)
    def thumb(self, given: Feedback) -> tuple[str, str]:
        return given.verdict, given.get_verdict_display()

    @display(description=_("Answer"))
    def said(self, given: Feedback) -> SafeString:
        return quoted(given.answer)
