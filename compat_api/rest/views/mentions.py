"""`…/entities/<id>/mentions/` and `…/relations/<id>/mentions/`: who says what of them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin
from rest_framework.viewsets import GenericViewSet

from compat_api.rest.filters import MentionFilters
from compat_api.rest.serializers import EntityMentionShape, RelationMentionShape
from compat_api.rest.workspace_mixin import InWorkspace
from graph.models import Entity, EntityMention, Relation, RelationMention


def with_sources(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With what the ids of chunk and document are made from, and no texts of them."""
    return rows.select_related("chunk__document").defer(
        "chunk__content", "chunk__document__error_msg", "chunk__document__metadata"
    )


class EntityMentionViews(InWorkspace, ListModelMixin, GenericViewSet[EntityMention]):
    """What chunks said of one entity: its merged fields are derived from these."""

    queryset = with_sources(EntityMention.objects.all())
    serializer_class = EntityMentionShape
    filterset_class = MentionFilters
    orderings = {"id": "id"}

    def of_workspace(self, rows: Any) -> Any:
        """Those of the entity the address names."""
        entities = Entity.objects.filter(workspace=self.workspace)
        return rows.filter(entity=get_object_or_404(entities, pk=self.kwargs["entity"]))


class RelationMentionViews(
    InWorkspace, ListModelMixin, GenericViewSet[RelationMention]
):
    """What chunks said of one relation: its merged fields are derived from these."""

    queryset = with_sources(RelationMention.objects.all())
    serializer_class = RelationMentionShape
    filterset_class = MentionFilters
    orderings = {"id": "id"}

    def of_workspace(self, rows: Any) -> Any:
        """Those of the relation the address names."""
        known = Relation.objects.filter(workspace=self.workspace)
        return rows.filter(
            relation=get_object_or_404(known, pk=self.kwargs["relation"])
        )
