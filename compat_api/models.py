"""API keys, and the roles that callers have."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Role(models.IntegerChoices):
    """What a caller may do. Each role includes the roles before it."""

    NONE = 0, _("none")
    READ = 1, _("read")
    WRITE = 2, _("write")
    ADMIN = 3, _("admin")

    @property
    def word(self) -> str:
        """Return the name that settings, commands and messages use."""
        return self.name.lower()


KEY_ROLES = Role.choices[1:]
"""A key has at least the role `read`."""


class ApiKey(models.Model):
    """A named API key. Only its hash is stored, so a lost key must be replaced.

    Keys are revoked, never deleted: a server that had API keys stays closed.
    """

    name = models.CharField(_("name"), max_length=100, unique=True)
    prefix = models.CharField(
        max_length=16, help_text="First characters of the key, to identify it."
    )
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256, hex.")
    role = models.PositiveSmallIntegerField(
        _("role"),
        choices=KEY_ROLES,
        default=Role.READ.value,
        help_text=_("Each role includes the roles before it."),
    )
    all_workspaces = models.BooleanField(_("all workspaces"), default=False)
    workspaces = models.ManyToManyField(
        "documents.Workspace",
        blank=True,
        related_name="api_keys",
        verbose_name=_("workspaces"),
    )
    requests_per_minute = models.PositiveIntegerField(
        _("requests per minute"),
        null=True,
        blank=True,
        help_text=_("If empty: REQUESTS_PER_MINUTE of the server."),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    last_used_at = models.DateTimeField(
        null=True, blank=True, help_text="Accurate to the minute."
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """Return `active`, `expired` or `revoked`."""
        if self.revoked_at:
            return "revoked"
        if self.expires_at and self.expires_at <= timezone.now():
            return "expired"
        return "active"
