"""API keys and roles, and the conversations of the chat page."""

from __future__ import annotations

from django.conf import settings
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


MAX_TITLE_LENGTH = 200


class Conversation(models.Model):
    """Questions of one user to one workspace. The page chooses the id.

    A deleted conversation can be restored until it is removed by the next deletion that
    finds it older than `store.RESTORE_PERIOD`.
    """

    id = models.UUIDField(primary_key=True)
    workspace = models.ForeignKey(
        "documents.Workspace", models.CASCADE, related_name="conversations"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="conversations"
    )
    title = models.CharField(_("title"), max_length=MAX_TITLE_LENGTH)
    scope = models.JSONField(
        default=dict, help_text="Filters of the next question, as the API takes them."
    )
    is_shared = models.BooleanField(
        default=False,
        help_text="Users who may read the workspace can open the conversation's address.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        indexes = [
            models.Index(
                fields=["owner", "workspace", "-updated_at"], name="conversation_list"
            )
        ]

    def __str__(self) -> str:
        return self.title


class Turn(models.Model):
    """A question of a conversation, with its filters."""

    id = models.UUIDField(primary_key=True)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="turns")
    position = models.PositiveIntegerField()
    question = models.TextField()
    scope = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "position"], name="turn_position_unique"
            )
        ]

    def __str__(self) -> str:
        return self.question[:80]


class Answer(models.Model):
    """The answer to a question in one mode, complete or being generated."""

    class State(models.TextChoices):
        RUNNING = "running"
        COMPLETE = "complete"
        FAILED = "failed"
        STOPPED = "stopped"

    key = models.UUIDField(primary_key=True)
    turn = models.ForeignKey(Turn, models.CASCADE, related_name="answers")
    mode = models.CharField(max_length=16)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    result = models.JSONField(
        default=dict, help_text="The merged lines of the answer, without references."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(
        default=timezone.now, help_text="Renewed while the answer is generated."
    )

    def __str__(self) -> str:
        return f"{self.mode}: {self.state}"


class AnswerSource(models.Model):
    """A reference of an answer. It contains text of its document.

    PostgreSQL deletes it with the document, because documents are deleted in SQL (the
    migration adds the foreign key with ON DELETE CASCADE).
    """

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="sources")
    document = models.ForeignKey(
        "documents.Document", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    position = models.PositiveIntegerField()
    reference = models.JSONField(help_text="The reference as the page shows it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["answer", "position"], name="answer_source_unique"
            )
        ]

    def __str__(self) -> str:
        return f"[{self.position}]"


class EndedLogin(models.Model):
    """The end of a login token (`token_id`), or of all logins of a name until `ended_at`."""

    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=256)
    token_id = models.CharField(max_length=64, blank=True)
    ended_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["name", "kind"], name="compat_api_ended_login"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
