"""Entities, relations, their mentions in chunks, and the audit trail.

The merged fields of an entity or relation (type, description, keywords, weight) are
derived from its mentions by `graph.merging.derive`, so a document can be deleted without
a model call. Statement triggers keep the AGE graph equal to these tables; the functions
and triggers are in `graph/migrations/schema.sql`.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from pgvector.django import HalfVectorField

UNKNOWN_TYPE = "UNKNOWN"
"""LightRAG's type of an entity that only relations name."""

SEPARATOR = "<SEP>"
"""LightRAG's separator between the fragments of a merged description."""


class MergedFields(models.Model):
    """Fields of entities and relations: merged from mentions, or edited by users."""

    description = models.TextField(_("description"), blank=True)
    fragments = models.PositiveIntegerField(
        default=0, help_text="Number of distinct descriptions that no summary covers."
    )
    summary = models.TextField(
        blank=True, help_text="Summary of the oldest mentions, written by a model."
    )
    summary_upto = models.BigIntegerField(
        default=0, help_text="Id of the last mention that the summary covers."
    )
    summary_count = models.PositiveIntegerField(
        default=0,
        help_text="Number of mentions covered; the summary is invalid if fewer are left.",
    )
    summary_owner = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="Worker that holds the lease for the next summary.",
    )
    manual = models.BooleanField(
        _("created manually"),
        default=False,
        help_text=_("Created by a user. It is kept even if no chunk mentions it."),
    )
    edited_description = models.TextField(
        blank=True, help_text="Description by a user; it overrides all mentions."
    )
    edit_scope = ArrayField(
        models.CharField(max_length=256),
        default=list,
        db_default=[],
        blank=True,
        help_text="Names whose mentions the edits override; empty for all (set by a merge).",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class Entity(MergedFields):
    """A node of the graph: something that chunks of a workspace mention."""

    workspace = models.ForeignKey(
        "documents.Workspace",
        models.CASCADE,
        related_name="entities",
        db_index=False,
        verbose_name=_("workspace"),
    )
    name = models.CharField(_("name"), max_length=256)
    entity_type = models.CharField(_("type"), max_length=128, default=UNKNOWN_TYPE)
    degree = models.PositiveIntegerField(_("degree"), default=0)
    edited_type = models.CharField(max_length=128, blank=True)

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
    """Former name of an entity that a user renamed or merged into another."""

    workspace = models.ForeignKey(
        "documents.Workspace",
        models.CASCADE,
        related_name="aliases",
        db_index=False,
        verbose_name=_("workspace"),
    )
    name = models.CharField(_("name"), max_length=256)
    entity = models.ForeignKey(Entity, models.CASCADE, related_name="aliases")
    merge_snapshot = models.JSONField(
        default=dict,
        help_text="Edits of the merged entity (graph.curation.merge_snapshot).",
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


class DistinctNames(models.Model):
    """Two names that a user marked as different entities.

    They are not suggested as duplicates again.
    """

    workspace = models.ForeignKey(
        "documents.Workspace", models.CASCADE, related_name="distinct_names"
    )
    name = models.CharField(max_length=256)
    other = models.CharField(max_length=256)

    class Meta:
        verbose_name_plural = "distinct names"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name", "other"], name="distinct_names_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} is not {self.other}"


class EntityMention(models.Model):
    """Mention of an entity in a chunk."""

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
    mentioned_name = models.CharField(
        _("name in the chunk"),
        max_length=256,
        help_text="Differs from the entity's name if it is an alias.",
    )
    entity_type = models.CharField(_("type"), max_length=128)
    description = models.TextField(
        _("description"),
        blank=True,
        help_text="Empty if only a relation of the chunk names the entity.",
    )

    class Meta:
        verbose_name = _("entity mention")
        verbose_name_plural = _("entity mentions")
        constraints = [
            models.UniqueConstraint(
                fields=["chunk", "entity", "mentioned_name"],
                name="entity_mention_unique",
            )
        ]
        indexes = [
            models.Index(fields=["entity", "chunk"], name="entity_mention_chunks")
        ]

    def __str__(self) -> str:
        return f"{self.mentioned_name} in chunk {self.chunk_id}"


class Relation(MergedFields):
    """An undirected edge; `source` is the entity with the smaller id."""

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
        verbose_name=_("source entity"),
    )
    target = models.ForeignKey(
        Entity,
        models.CASCADE,
        related_name="relations_in",
        verbose_name=_("target entity"),
    )
    keywords = models.TextField(
        _("keywords"), blank=True, help_text=_("Comma separated, sorted.")
    )
    weight = models.FloatField(_("weight"), default=1.0)
    edited_keywords = models.TextField(blank=True)
    edited_weight = models.FloatField(null=True, blank=True)

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
    """Mention of a relation in a chunk."""

    relation = models.ForeignKey(Relation, models.CASCADE, related_name="mentions")
    chunk = models.ForeignKey(
        "documents.Chunk",
        models.CASCADE,
        related_name="relation_mentions",
        db_index=False,
    )
    mentioned_source = models.CharField(max_length=256)
    mentioned_target = models.CharField(max_length=256)
    description = models.TextField(blank=True)
    keywords = models.TextField(blank=True)
    weight = models.FloatField(default=1.0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["chunk", "relation", "mentioned_source", "mentioned_target"],
                name="relation_mention_unique",
            )
        ]

    def __str__(self) -> str:
        return (
            f"{self.mentioned_source}-{self.mentioned_target} in chunk {self.chunk_id}"
        )


class ChunkExtraction(models.Model):
    """Extraction of a chunk, stored as soon as the model has answered."""

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
    """Vector and words of a chunk whose document is still being processed.

    It is copied to `search_chunk` when all chunks of the document are embedded, and
    deleted when the document is processed.
    """

    chunk = models.OneToOneField(
        "documents.Chunk", models.CASCADE, primary_key=True, related_name="staged"
    )
    vector = HalfVectorField(
        null=True, help_text="NULL after the workspace changed its embedding model."
    )
    lexical = models.TextField()

    def __str__(self) -> str:
        return f"staged chunk {self.chunk_id}"


class AuditEntry(models.Model):
    """Entry of the audit trail, written only by `documents.workspaces.audit`.

    A trigger refuses changes and deletions.
    """

    created_at = models.DateTimeField(auto_now_add=True)
    actor_kind = models.CharField(max_length=16)
    actor = models.CharField(max_length=200)
    address = models.CharField(_("network address"), max_length=64, blank=True)
    action = models.CharField(_("action"), max_length=40)
    workspace = models.CharField(
        _("workspace"),
        max_length=64,
        blank=True,
        help_text=_("The name, because the workspace may have been deleted since."),
    )
    target = models.CharField(_("target"), max_length=512, blank=True)
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
