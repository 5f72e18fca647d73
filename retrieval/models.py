"""What language models have answered: a cache, and an account of what was spent."""

from __future__ import annotations

from django.db import models


class LLMCache(models.Model):
    """One completion, kept by what was asked of whom."""

    class Purpose(models.TextChoices):
        EXTRACT = "extract"
        SUMMARY = "summary"
        KEYWORDS = "keywords"
        QUERY = "query"

    workspace = models.ForeignKey(
        "documents.Workspace", models.CASCADE, related_name="llm_cache"
    )
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    mode = models.CharField(max_length=16, default="default")
    key = models.CharField(
        max_length=64, help_text="SHA-256, hex: see retrieval.llm.cache."
    )
    model = models.CharField(max_length=200)
    response = models.TextField()
    chunk = models.ForeignKey(
        "documents.Chunk",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="llm_cache",
    )
    prompt_chars = models.PositiveIntegerField(default=0)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "LLM cache entry"
        verbose_name_plural = "LLM cache"
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

    workspace = models.ForeignKey(
        "documents.Workspace", models.CASCADE, related_name="llm_calls"
    )
    document = models.BigIntegerField(
        null=True,
        help_text="The document's id, which may be gone; none for a question.",
    )
    purpose = models.CharField(max_length=16, choices=LLMCache.Purpose.choices)
    model = models.CharField(max_length=200)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "LLM call"
        indexes = [
            models.Index(
                fields=["created_at"],
                include=["purpose", "prompt_tokens", "completion_tokens"],
                name="llm_call_spending",
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.created_at}"
