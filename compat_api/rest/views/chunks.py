"""`/resources/workspaces/<name>/chunks/`: chunks and their mentions."""

from __future__ import annotations

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from compat_api.rest.filters import ChunkFilters
from compat_api.rest.serializers import (
    ChunkSerializer,
    EntityMentionSerializer,
    RelationMentionSerializer,
)
from compat_api.rest.views import mentions
from compat_api.rest.workspace_mixin import WorkspaceMixin
from documents.models import Chunk, split_chunk_public_id
from graph.models import EntityMention, RelationMention


class ChunkViewSet(
    WorkspaceMixin, ListModelMixin, RetrieveModelMixin, GenericViewSet[Chunk]
):
    """Chunks of documents: the unit of embedding, extraction and citation."""

    queryset = Chunk.objects.select_related("document")
    serializer_class = ChunkSerializer
    filterset_class = ChunkFilters
    lookup_url_kwarg = "chunk"
    orderings = {"id": "id"}

    def get_object(self) -> Chunk:
        """Return the chunk with LightRAG's id, such as `doc-…-chunk-007`."""
        parts = split_chunk_public_id(self.kwargs["chunk"])
        if parts is None:
            raise Http404
        document_id, order = parts
        chunk: Chunk = get_object_or_404(
            self.get_queryset(), document__public_id=document_id, order=order
        )
        return chunk

    @extend_schema(responses=EntityMentionSerializer(many=True), filters=False)
    @action(detail=True, url_path="entity-mentions")
    def entity_mentions(self, request: Request, workspace: str, chunk: str) -> Response:
        """List the chunk's mentions of entities."""
        rows = EntityMention.objects.filter(chunk=self.get_object())
        return self.page(mentions.with_sources(rows), EntityMentionSerializer)

    @extend_schema(responses=RelationMentionSerializer(many=True), filters=False)
    @action(detail=True, url_path="relation-mentions")
    def relation_mentions(
        self, request: Request, workspace: str, chunk: str
    ) -> Response:
        """List the chunk's mentions of relations."""
        rows = RelationMention.objects.filter(chunk=self.get_object())
        return self.page(mentions.with_sources(rows), RelationMentionSerializer)
