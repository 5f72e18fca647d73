"""Entities and relations, and what each chunk said of them.

The merged fields of an entity or relation (type, description, keywords, weight) are
derived from its mentions by `graph.merging.derive`, so a document can leave without a model
being asked anything. Statement triggers keep the AGE graph equal to these tables
(`graph/migrations/sql/0002_projection.sql`).
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from pgvector.django import HalfVectorField

UNKNOWN_TYPE = "UNKNOWN"
"""Upstream's type of an entity that only relations name."""

SEPARATOR = "<SEP>"
"""Upstream's separator between the fragments of a merged description."""


class Entity(models.Model):
    """A node: one thing that chunks of a workspace speak of."""

    workspace = models.ForeignKey(
        "documents.Workspace",
        models.CASCADE,
        related_name="entities",
        db_index=False,
        verbose_name=_("workspace"),
    )
    name = models.CharField(_("name"), max_length=256)
    entity_type = models.CharField(_("type"), max_length=128, default=UNKNOWN_TYPE)
    description = models.TextField(_("description"), blank=True)
    degree = models.PositiveIntegerField(_("degree"), default=0)
    fragments = models.PositiveIntegerField(
        default=0, help_text="Distinct descriptions that no summary covers yet."
    )
    summary = models.TextField(
        blank=True, help_text="A model's summary of the first mentions."
    )
    summary_upto = models.BigIntegerField(
        default=0, help_text="The last mention that the summary covers."
    )
    summary_count = models.PositiveIntegerField(
        default=0, help_text="How many it covers: fewer now, and it is void."
    )
    summary_owner = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="The worker that asks for the next one.",
    )
    manual = models.BooleanField(
        _("made by hand"),
        default=False,
        help_text=_("Made by a person: stays when nothing mentions it."),
    )
    edited_type = models.CharField(max_length=128, blank=True)
    edited_description = models.TextField(
        blank=True, help_text="A person's own words: they win over every mention."
    )
    edited_over = ArrayField(
        models.CharField(max_length=256),
        default=list,
        db_default=[],
        blank=True,
        help_text="Only over mentions by these names, after a merge; else over all.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("entity")
        verbose_name_plural = _("entities")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name"], name="entity_name_unique"
            ),
            models.UniqueConstraint(
                fields=["workspace", "id"], name="entity_in_workspace"
            ),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "-degree", "name"], name="entity_popular"
            ),
            models.Index(fields=["workspace", "degree", "id"], name="entity_by_degree"),
        ]

    def __str__(self) -> str:
        return self.name


class EntityAlias(models.Model):
    """Another name of an entity: what it was called before a person renamed or merged."""

    workspace = models.ForeignKey(
        "documents.Workspace",
        models.CASCADE,
        related_name="aliases",
        db_index=False,
        verbose_name=_("workspace"),
    )
    name = models.CharField(_("name"), max_length=256)
    entity = models.ForeignKey(Entity, models.CASCADE, related_name="aliases")
    before = models.JSONField(
        default=dict, help_text="What a person had written of it when it was merged."
    )

    class Meta:
        verbose_name = _("entity alias")
        verbose_name_plural = _("entity aliases")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name"], name="alias_name_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name


class KeptApart(models.Model):
    """Two names that a person took apart: nothing suggests again that they are one."""

    workspace = models.ForeignKey(
        "documents.Workspace", models.CASCADE, related_name="kept_apart"
    )
    name = models.CharField(max_length=256)
    other = models.CharField(max_length=256)

    class Meta:
        verbose_name_plural = "names kept apart"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name", "other"], name="kept_apart_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} is not {self.other}"


class EntityMention(models.Model):
    """What one chunk said of one entity."""

    entity = models.ForeignKey(
        Entity,
        models.CASCADE,
        related_name="mentions",
        db_index=False,
        verbose_name=_("entity"),
    )
    chunk = models.ForeignKey(
        "documents.Chunk",
        models.CASCADE,
        related_name="entity_mentions",
        db_index=False,
        verbose_name=_("chunk"),
    )
    said_name = models.CharField(
        _("called"), max_length=256, help_text="The name the chunk used, if an alias."
    )
    entity_type = models.CharField(_("type"), max_length=128)
    description = models.TextField(
        _("description"),
        blank=True,
        help_text="Empty where only a relation of the chunk names it.",
    )

    class Meta:
        verbose_name = _("entity mention")
        verbose_name_plural = _("entity mentions")
        constraints = [
            models.UniqueConstraint(
                fields=["chunk", "entity", "said_name"], name="entity_mention_unique"
            )
        ]
        indexes = [
            models.Index(fields=["entity", "chunk"], name="entity_mention_chunks")
        ]

    def __str__(self) -> str:
        return f"{self.said_name} in chunk {self.chunk_id}"


class Relation(models.Model):
    """An undirected edge; the end with the smaller id is its `source`."""

    workspace = models.ForeignKey(
        "documents.Workspace",
        models.CASCADE,
        related_name="relations",
        db_index=False,
        verbose_name=_("workspace"),
    )
    source = models.ForeignKey(
        Entity,
        models.CASCADE,
        related_name="relations_out",
        verbose_name=_("one end"),
    )
    target = models.ForeignKey(
        Entity,
        models.CASCADE,
        related_name="relations_in",
        verbose_name=_("other end"),
    )
    description = models.TextField(_("description"), blank=True)
    keywords = models.TextField(
        _("keywords"), blank=True, help_text=_("Comma separated, sorted.")
    )
    weight = models.FloatField(_("weight"), default=1.0)
    fragments = models.PositiveIntegerField(default=0)
    summary = models.TextField(blank=True)
    summary_upto = models.BigIntegerField(default=0)
    summary_count = models.PositiveIntegerField(default=0)
    summary_owner = models.CharField(
        max_length=64, blank=True, default="", db_default=""
    )
    manual = models.BooleanField(_("made by hand"), default=False)
    edited_description = models.TextField(blank=True)
    edited_keywords = models.TextField(blank=True)
    edited_weight = models.FloatField(null=True, blank=True)
    edited_over = ArrayField(
        models.CharField(max_length=256),
        default=list,
        db_default=[],
        blank=True,
        help_text="Only over mentions between these names, after a merge; else over all.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("relation")
        verbose_name_plural = _("relations")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "source", "target"], name="relation_ends_unique"
            ),
            models.UniqueConstraint(
                fields=["workspace", "id"], name="relation_in_workspace"
            ),
            models.CheckConstraint(
                condition=Q(source__lt=F("target")), name="relation_ends_ordered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} – {self.target}"


class RelationMention(models.Model):
    """What one chunk said of one relation."""

    relation = models.ForeignKey(Relation, models.CASCADE, related_name="mentions")
    chunk = models.ForeignKey(
        "documents.Chunk",
        models.CASCADE,
        related_name="relation_mentions",
        db_index=False,
    )
    said_source = models.CharField(max_length=256)
    said_target = models.CharField(max_length=256)
    description = models.TextField(blank=True)
    keywords = models.TextField(blank=True)
    weight = models.FloatField(default=1.0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["chunk", "relation", "said_source", "said_target"],
                name="relation_mention_unique",
            )
        ]

    def __str__(self) -> str:
        return f"{self.said_source}-{self.said_target} in chunk {self.chunk_id}"


class ChunkExtraction(models.Model):
    """What was extracted from one chunk: stored the moment it is paid for."""

    chunk = models.OneToOneField(
        "documents.Chunk", models.CASCADE, primary_key=True, related_name="extraction"
    )
    records = models.JSONField(
        help_text="`Extraction` of graph.extraction.records, as JSON."
    )
    model = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"extraction of chunk {self.chunk_id}"


class StagedChunk(models.Model):
    """How a chunk will be found, kept from the moment its vector is paid for.

    When its document is done, this row becomes one of `search_chunk`.
    """

    chunk = models.OneToOneField(
        "documents.Chunk", models.CASCADE, primary_key=True, related_name="staged"
    )
    vector = HalfVectorField(
        null=True, help_text="None: a model made it that the workspace has left."
    )
    lexical = models.TextField()

    def __str__(self) -> str:
        return f"staged chunk {self.chunk_id}"


class AuditEntry(models.Model):
    """A line of the audit trail; written by `documents.workspaces.audit` alone, and never changed."""

    created_at = models.DateTimeField(auto_now_add=True)
    actor_kind = models.CharField(max_length=16)
    actor = models.CharField(max_length=200)
    address = models.CharField(_("network address"), max_length=64, blank=True)
    action = models.CharField(_("action"), max_length=40)
    workspace = models.CharField(
        _("workspace"),
        max_length=64,
        blank=True,
        help_text=_("By name: it may be gone since."),
    )
    target = models.CharField(_("what was changed"), max_length=512, blank=True)
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["workspace", "-id"], name="audit_by_workspace"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
            models.Index(fields=["action", "-id"], name="audit_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"
