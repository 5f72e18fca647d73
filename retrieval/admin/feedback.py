"""The admin list of feedback on answers."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from unfold.decorators import action, display

from documents.admin_kit.lists import RecordAdmin
from documents.admin_kit.panels import moment, quoted
from documents.admin_kit.translated_terms import lazily as _
from retrieval.evaluation import questions
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
    "context_chunks",
    "author",
    "workspace",
    "created_at",
)


@admin.register(Feedback)
class FeedbackAdmin(RecordAdmin):
    """Feedback, newest first; it can be deleted and exported but not changed."""

    list_display = ["rated", "thumb", "question", "mode", "author", "workspace"]
    list_filter = ["workspace", "verdict", "mode"]
    search_fields = ["question", "comment"]
    search_help_text = _("Question or comment")
    fields = FIELDS
    actions = ["export_selected"]
    actions_list = ["export_all"]

    @action(
        description=_("Export the selected feedback as an evaluation set"),
        permissions=["view"],
    )
    def export_selected(
        self, request: HttpRequest, rows: QuerySet[Feedback]
    ) -> HttpResponse | None:
        return self._evaluation_set(request, rows)

    @action(
        description=_("Export as an evaluation set"),
        permissions=["view"],
    )
    def export_all(self, request: HttpRequest) -> HttpResponse:
        exported = self._evaluation_set(request, self.get_queryset(request))
        return exported or redirect("admin:retrieval_feedback_changelist")

    def _evaluation_set(
        self, request: HttpRequest, rows: QuerySet[Feedback]
    ) -> HttpResponse | None:
        """Return a file for `manage.py evaluate`; None, with a message, if it is empty."""
        ordered = rows.select_related("workspace").order_by("pk")
        gold = questions.from_feedback(ordered)
        if not gold:
            text = gettext("No answer with citations has been rated good yet.")
            self.message_user(request, text, messages.WARNING)
            return None
        return HttpResponse(
            questions.write(gold),
            content_type="application/jsonl; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="questions.jsonl"'},
        )

    @display(description=_("Rated at"), ordering="updated_at")
    def rated(self, feedback: Feedback) -> SafeString:
        return moment(feedback.updated_at)

    @display(description=_("Verdict"), ordering="verdict", label=COLOURS)
    def thumb(self, feedback: Feedback) -> tuple[str, str]:
        return feedback.verdict, feedback.get_verdict_display()

    @display(description=_("Answer"))
    def answer_text(self, feedback: Feedback) -> SafeString:
        return quoted(feedback.answer)
