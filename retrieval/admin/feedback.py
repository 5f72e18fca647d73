"""The admin list of feedback on answers."""

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
    "answer_text",
    "references",
    "cited_chunks",
    "read_chunks",
    "author",
    "workspace",
    "created_at",
)


@admin.register(Feedback)
class FeedbackAdmin(RecordAdmin):
    """Feedback, newest first; it can be deleted but not changed."""

    list_display = ["rated", "thumb", "question", "mode", "author", "workspace"]
    list_filter = ["workspace", "verdict", "mode"]
    search_fields = ["question", "comment"]
    search_help_text = _("Question or comment")
    fields = FIELDS

    @display(description=_("Rated at"), ordering="updated_at")
    def rated(self, feedback: Feedback) -> SafeString:
        return moment(feedback.updated_at)

    @display(description=_("Verdict"), ordering="verdict", label=COLOURS)
    def thumb(self, feedback: Feedback) -> tuple[str, str]:
        return feedback.verdict, feedback.get_verdict_display()

    @display(description=_("Answer"))
    def answer_text(self, feedback: Feedback) -> SafeString:
        return quoted(feedback.answer)
