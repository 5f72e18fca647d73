"""`…/entities/<id>/mentions/` and `…/relations/<id>/mentions/`: mentions by chunks."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin
from rest_framework.viewsets import GenericViewSet

from compat_api.rest.filters import MentionFilters
from compat_api.rest.serializers import (
    EntityMentionSerializer,
    RelationMentionSerializer,
)
from compat_api.rest.workspace_mixin import WorkspaceMixin
from graph.models import Entity, EntityMention, Relation, RelationMention


def with_sources(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Load the chunks and documents, whose ids the rows show, without their texts."""
    return rows.select_related("chunk__document").defer(
        "chunk__content", "chunk__document__error_msg", "chunk__document__metadata"
    )


class EntityMentionViewSet(
    WorkspaceMixin, ListModelMixin, GenericViewSet[EntityMention]
):
    """Mentions of one entity; the fields of the entity are derived from them."""

    queryset = with_sources(EntityMention.objects.all())
    serializer_class = EntityMentionSerializer
    filterset_class = MentionFilters
    orderings = {"id": "id"}

    def of_workspace(self, rows: Any) -> Any:
        """Return the mentions of the entity in the URL."""
        entities = Entity.objects.filter(workspace=self.workspace)
        return rows.filter(entity=get_object_or_404(entities, pk=self.kwargs["entity"]))


class RelationMentionViewSet(
    WorkspaceMixin, ListModelMixin, GenericViewSet[RelationMention]
):
    """Mentions of one relation; the fields of the relation are derived from them."""

    queryset = with_sources(RelationMention.objects.all())
    serializer_class = RelationMentionSerializer
    filterset_class = MentionFilters
    orderings = {"id": "id"}

    def of_workspace(self, rows: Any) -> Any:
        """Return the mentions of the relation in the URL."""
        relations = Relation.objects.filter(workspace=self.workspace)
        return rows.filter(
            relation=get_object_or_404(relations, pk=self.kwargs["relation"])
        )
