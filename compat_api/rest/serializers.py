"""What is answered: each row as JSON, its neighbours by the ids their routes take."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from documents.models import Chunk, Document, PipelineEvent, Workspace
from documents.models import chunk_public_id as public_id_of
from graph.models import Entity, EntityMention, Relation, RelationMention


class WorkspaceShape(serializers.ModelSerializer[Workspace]):
    """A knowledge base, and what its vectors are made by."""

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


class DocumentShape(serializers.ModelSerializer[Document]):
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


class ContentShape(serializers.Serializer[Any]):
    """A document's whole text, as it was read from its file."""

    id = serializers.CharField(source="document.public_id")
    name = serializers.CharField(source="document.name")
    text = serializers.CharField()


class EventShape(serializers.ModelSerializer[PipelineEvent]):
    """A line of a document's history."""

    class Meta:
        model = PipelineEvent
        fields = ["id", "message", "created_at"]
        read_only_fields = fields


class SpentShape(serializers.Serializer[Any]):
    """Calls and tokens of one purpose and model."""

    purpose = serializers.CharField()
    model = serializers.CharField()
    calls = serializers.IntegerField()
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()


class CostShape(serializers.Serializer[Any]):
    """What a document has cost so far, in all and by purpose and model."""

    calls = serializers.IntegerField()
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    by_purpose = SpentShape(many=True)


class ChunkShape(serializers.ModelSerializer[Chunk]):
    """A passage of a document; `id` is LightRAG's, `order` counts from 0."""

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
        ]
        read_only_fields = fields


class EntityShape(serializers.ModelSerializer[Entity]):
    """A node, with its other names."""

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
        """Sorted; from rows that were fetched for the whole page."""
        return sorted(alias.name for alias in entity.aliases.all())


class RelationShape(serializers.ModelSerializer[Relation]):
    """An undirected edge, its ends by name and by id."""

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


class MentionShape(serializers.ModelSerializer[Any]):
    """Where something is said: the chunk, and the document it is of."""

    chunk = serializers.SerializerMethodField()
    document = serializers.CharField(source="chunk.document.public_id", read_only=True)
    document_name = serializers.CharField(source="chunk.document.name", read_only=True)

    @extend_schema_field(serializers.CharField())
    def get_chunk(self, mention: EntityMention | RelationMention) -> str:
        """The chunk's public id."""
        chunk = mention.chunk
        return public_id_of(chunk.document.public_id, chunk.order)


class EntityMentionShape(MentionShape):
    """What one chunk said of one entity, and by which name."""

    entity = serializers.IntegerField(source="entity_id", read_only=True)

    class Meta:
        model = EntityMention
        fields = [
            "id",
            "entity",
            "chunk",
            "document",
            "document_name",
            "said_name",
            "entity_type",
            "description",
        ]
        read_only_fields = fields


class RelationMentionShape(MentionShape):
    """What one chunk said of one relation, and by which names."""

    relation = serializers.IntegerField(source="relation_id", read_only=True)

    class Meta:
        model = RelationMention
        fields = [
            "id",
            "relation",
            "chunk",
            "document",
            "document_name",
            "said_source",
            "said_target",
            "description",
            "keywords",
            "weight",
        ]
        read_only_fields = fields


class ImportShape(serializers.Serializer[Any]):
    """How many were made, given other words, and left as they were."""

    entities_made = serializers.IntegerField()
    entities_changed = serializers.IntegerField()
    entities_kept = serializers.IntegerField()
    relations_made = serializers.IntegerField()
    relations_changed = serializers.IntegerField()
    relations_kept = serializers.IntegerField()
