"""Tables of model usage: cached completions, and one row for each paid call."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class LLMCache(models.Model):
    """One cached completion, found by a hash of the model and the request."""

    class Purpose(models.TextChoices):
        EXTRACT = "extract", _("Extract")
        FIGURES = "figures", _("Figures")
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
    completion_tokens = models.PositiveIntegerField(_("tokens generated"), default=0)
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
    """One paid model call; kept when its cache entry or document is deleted."""

    class Purpose(models.TextChoices):
        EXTRACT = "extract"
        FIGURES = "figures"
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
