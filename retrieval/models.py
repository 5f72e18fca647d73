"""Feedback on answers, search indexes that are not in use, and `retrieval.llm.usage`."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from retrieval.llm.usage.models import LLMCache, LLMCall

__all__ = ["Feedback", "LLMCache", "LLMCall", "SearchIndex"]


class Feedback(models.Model):
    """A user's verdict on one answer; `manage.py evaluate --feedback` reads it.

    Question and answer are copies: the documents may have been deleted since.
    """

    class Verdict(models.TextChoices):
        GOOD = "good", _("Good")
        BAD = "bad", _("Bad")

    workspace = models.ForeignKey(
        "documents.Workspace",
        models.CASCADE,
        related_name="feedback",
        verbose_name=_("workspace"),
    )
    answer_key = models.UUIDField(
        help_text="Set by the chat page; a second verdict replaces the first."
    )
    verdict = models.CharField(_("verdict"), max_length=8, choices=Verdict.choices)
    comment = models.TextField(_("comment"), blank=True)
    question = models.TextField(_("question"))
    mode = models.CharField(_("mode"), max_length=16)
    answer = models.TextField()
    references = models.JSONField(
        _("references"),
        default=list,
        help_text="[{reference_id, file_path, document_id}, …]",
    )
    cited_chunks = ArrayField(
        models.CharField(max_length=128),
        default=list,
        verbose_name=_("chunks cited"),
        help_text=_(
            "Public ids (doc-…-chunk-007) of the chunks that the answer cites."
        ),
    )
    context_chunks = ArrayField(
        models.CharField(max_length=128),
        default=list,
        verbose_name=_("chunks in the context"),
        help_text=_("All chunks in the answer's context, best first."),
    )
    author = models.CharField(
        _("author"),
        max_length=150,
        blank=True,
        help_text=_("Empty if the server requires no login."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("feedback on an answer")
        verbose_name_plural = _("feedback")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "author", "answer_key"],
                name="feedback_answer_unique",
            )
        ]

    def __str__(self) -> str:
        return f"{self.verdict}: {self.question[:80]}"


class SearchIndex(models.Model):
    """A search index that is being built, or that another one has replaced.

    The index in use is named by `Workspace.search_index` only. A worker builds and
    deletes (`retrieval.index.own_tables`), and continues what another one has begun.
    """

    class State(models.TextChoices):
        BUILDING = "building"
        RETIRED = "retired"

    id = models.BigIntegerField(primary_key=True)
    workspace_id = models.BigIntegerField(
        help_text="Not a foreign key: rows are deleted after their workspace."
    )
    state = models.CharField(max_length=16, choices=State.choices)
    embedding_model = models.CharField(max_length=200)
    embedding_dimensions = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "search indexes"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace_id"],
                condition=models.Q(state="building"),
                name="search_index_building",
            )
        ]

    def __str__(self) -> str:
        return f"{self.state} search index {self.pk} of workspace {self.workspace_id}"
