"""What language models have answered: a cache, an account of what was spent, and what
people thought of it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class LLMCache(models.Model):
    """One completion, kept by what was asked of whom."""

    class Purpose(models.TextChoices):
        EXTRACT = "extract", _("Extract")
        SUMMARY = "summary", _("Summary")
        KEYWORDS = "keywords", _("Keywords")
        QUERY = "query", _("Query")

    workspace = models.ForeignKey(
        "documents.Workspace",
        models.CASCADE,
        related_name="llm_cache",
        verbose_name=_("workspace"),
    )
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose.choices)
    mode = models.CharField(_("mode"), max_length=16, default="default")
    key = models.CharField(
        _("key"),
        max_length=64,
        help_text="SHA-256, hex: see retrieval.llm.calls.cache.",
    )
    model = models.CharField(_("model"), max_length=200)
    response = models.TextField()
    chunk = models.ForeignKey(
        "documents.Chunk",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="llm_cache",
    )
    prompt_chars = models.PositiveIntegerField(_("characters sent"), default=0)
    prompt_tokens = models.PositiveIntegerField(_("tokens sent"), default=0)
    completion_tokens = models.PositiveIntegerField(_("tokens answered"), default=0)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("LLM cache entry")
        verbose_name_plural = _("LLM cache")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "key"], name="llm_cache_key_unique"
            )
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                include=["purpose", "prompt_tokens", "completion_tokens"],
                name="llm_cache_spending",
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.key[:8]}"


class LLMCall(models.Model):
    """One answer that was paid for: the account, which outlives cache and document."""

    class Purpose(models.TextChoices):
        EXTRACT = "extract"
        SUMMARY = "summary"
        KEYWORDS = "keywords"
        QUERY = "query"
        EMBEDDING = "embedding"
        RERANK = "rerank"

    workspace = models.ForeignKey(
        "documents.Workspace", models.CASCADE, related_name="llm_calls"
    )
    document = models.BigIntegerField(
        null=True,
        help_text="The document's id, which may be gone; none for a question.",
    )
    question = models.CharField(
        max_length=32, blank=True, help_text="One id for all calls of a question."
    )
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    model = models.CharField(max_length=200)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(
        null=True, help_text="Until its whole answer was there; unknown of old calls."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "LLM call"
        indexes = [
            models.Index(
                fields=["created_at"],
                include=["purpose", "prompt_tokens", "completion_tokens"],
                name="llm_call_spending",
            ),
            models.Index(
                fields=["document"],
                condition=models.Q(document__isnull=False),
                name="llm_call_document",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.created_at}"


class Feedback(models.Model):
    """What somebody thought of one answer: `manage.py evaluate` learns from it.

    The words are kept as they were then: documents and chunks may be gone by now.
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
        help_text="Made by the chat: a second verdict replaces the first."
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
        verbose_name=_("passages cited"),
        help_text=_("Public ids (doc-…-chunk-007) of the passages its marks rest on."),
    )
    read_chunks = ArrayField(
        models.CharField(max_length=128),
        default=list,
        verbose_name=_("passages read"),
        help_text=_("All passages the answer was built from, the best first."),
    )
    author = models.CharField(
        _("author"),
        max_length=150,
        blank=True,
        help_text=_("Empty where nobody has to log in."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("verdict on an answer")
        verbose_name_plural = _("feedback")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "author", "answer_key"],
                name="feedback_answer_unique",
            )
        ]

    def __str__(self) -> str:
        return f"{self.verdict}: {self.question[:80]}"
