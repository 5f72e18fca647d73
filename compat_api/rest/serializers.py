"""Serializers of the resources. Related rows are represented by their ids in URLs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from compat_api.http import figures
from documents.models import Chunk, Document, Figure, PipelineEvent, Workspace
from documents.models import chunk_public_id as public_id_of
from graph.models import Entity, EntityMention, Relation, RelationMention


class WorkspaceSerializer(serializers.ModelSerializer[Workspace]):
    """A workspace and its embedding model."""

    class Meta:
        model = Workspace
        fields = [
            "name",
            "embedding_model",
            "embedding_dimensions",
            "version",
            "created_at",
        ]
        read_only_fields = fields


class DocumentSerializer(serializers.ModelSerializer[Document]):
    """A document without its text."""

    id = serializers.CharField(source="public_id", read_only=True)

    class Meta:
        model = Document
        fields = [
            "id",
            "name",
            "status",
            "tags",
            "content_summary",
            "content_length",
            "content_hash",
            "track_id",
            "chunks_count",
            "error_msg",
            "chunking",
            "metadata",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class ContentSerializer(serializers.Serializer[Any]):
    """The text of a document, as parsed from its file."""

    id = serializers.CharField(source="document.public_id")
    name = serializers.CharField(source="document.name")
    text = serializers.CharField()


class EventSerializer(serializers.ModelSerializer[PipelineEvent]):
    """An event in the history of a document."""

    class Meta:
        model = PipelineEvent
        fields = ["id", "message", "created_at"]
        read_only_fields = fields


class TokenUsageSerializer(serializers.Serializer[Any]):
    """Calls and tokens for one purpose and model."""

    purpose = serializers.CharField()
    model = serializers.CharField()
    calls = serializers.IntegerField()
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()


class CostSerializer(serializers.Serializer[Any]):
    """Calls and tokens spent on a document, in total and by purpose and model."""

    calls = serializers.IntegerField()
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    by_purpose = TokenUsageSerializer(many=True)


class ChunkSerializer(serializers.ModelSerializer[Chunk]):
    """A chunk of a document; `id` is LightRAG's, `order` counts from 0."""

    id = serializers.CharField(source="public_id", read_only=True)
    document = serializers.CharField(source="document.public_id", read_only=True)
    document_name = serializers.CharField(source="document.name", read_only=True)

    class Meta:
        model = Chunk
        fields = [
            "id",
            "document",
            "document_name",
            "order",
            "content",
            "tokens",
            "headings",
            "page_first",
            "page_last",
            "positions",
            "anchor",
        ]
        read_only_fields = fields


class FigureSerializer(serializers.ModelSerializer[Figure]):
    """A figure of a document; `number` counts from 1, `chunk` is LightRAG's id."""

    number = serializers.IntegerField(source="order", read_only=True)
    chunk = serializers.CharField(source="chunk.public_id", default=None)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Figure
        fields = [
            "number",
            "url",
            "chunk",
            "page",
            "box",
            "media_type",
            "width",
            "height",
            "caption",
            "description",
        ]
        read_only_fields = fields

    def get_url(self, figure: Figure) -> str:
        """Return the address of the image."""
        document = figure.document
        return figures.url(document.workspace.name, document.public_id, figure.order)


class EntitySerializer(serializers.ModelSerializer[Entity]):
    """An entity with its aliases."""

    aliases = serializers.SerializerMethodField()

    class Meta:
        model = Entity
        fields = [
            "id",
            "name",
            "entity_type",
            "description",
            "degree",
            "manual",
            "aliases",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_aliases(self, entity: Entity) -> list[str]:
        """Return the aliases, sorted; they are prefetched for the whole page."""
        return sorted(alias.name for alias in entity.aliases.all())


class RelationSerializer(serializers.ModelSerializer[Relation]):
    """An undirected relation; its entities by name and id."""

    source = serializers.CharField(  # type: ignore[assignment]
        source="source.name", read_only=True
    )
    target = serializers.CharField(source="target.name", read_only=True)
    source_id = serializers.IntegerField(read_only=True)
    target_id = serializers.IntegerField(read_only=True)

    class Meta:
        model = Relation
        fields = [
            "id",
            "source",
            "target",
            "source_id",
            "target_id",
            "description",
            "keywords",
            "weight",
            "manual",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class MentionSerializer(serializers.ModelSerializer[Any]):
    """A mention with its chunk and document."""

    chunk = serializers.SerializerMethodField()
    document = serializers.CharField(source="chunk.document.public_id", read_only=True)
    document_name = serializers.CharField(source="chunk.document.name", read_only=True)

    @extend_schema_field(serializers.CharField())
    def get_chunk(self, mention: EntityMention | RelationMention) -> str:
        """Return the public id of the chunk."""
        chunk = mention.chunk
        return public_id_of(chunk.document.public_id, chunk.order)


@extend_schema_serializer(deprecate_fields=["said_name"])
class EntityMentionSerializer(MentionSerializer):
    """A chunk's mention of an entity, and the name that the chunk uses."""

    entity = serializers.IntegerField(source="entity_id", read_only=True)
    said_name = serializers.CharField(
        source="mentioned_name",
        read_only=True,
        help_text="The name of `mentioned_name` in version 0.1.0.",
    )

    class Meta:
        model = EntityMention
        fields = [
            "id",
            "entity",
            "chunk",
            "document",
            "document_name",
            "mentioned_name",
            "said_name",
            "entity_type",
            "description",
        ]
        read_only_fields = fields


@extend_schema_serializer(deprecate_fields=["said_source", "said_target"])
class RelationMentionSerializer(MentionSerializer):
    """A chunk's mention of a relation, and the names that the chunk uses."""

    relation = serializers.IntegerField(source="relation_id", read_only=True)
    said_source = serializers.CharField(
        source="mentioned_source",
        read_only=True,
        help_text="The name of `mentioned_source` in version 0.1.0.",
    )
    said_target = serializers.CharField(
        source="mentioned_target",
        read_only=True,
        help_text="The name of `mentioned_target` in version 0.1.0.",
    )

    class Meta:
        model = RelationMention
        fields = [
            "id",
            "relation",
            "chunk",
            "document",
            "document_name",
            "mentioned_source",
            "mentioned_target",
            "said_source",
            "said_target",
            "description",
            "keywords",
            "weight",
        ]
        read_only_fields = fields


class ImportSerializer(serializers.Serializer[Any]):
    """Numbers of created, changed and unchanged entities and relations."""

    entities_made = serializers.IntegerField()
    entities_changed = serializers.IntegerField()
    entities_kept = serializers.IntegerField()
    relations_made = serializers.IntegerField()
    relations_changed = serializers.IntegerField()
    relations_kept = serializers.IntegerField()
