"""`/resources/workspaces/<name>/relations/`: relations, read and edited."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from compat_api.rest.filters import RelationFilters
from compat_api.rest.input_serializers import RelationChangesInput, RelationInput
from compat_api.rest.serializers import RelationSerializer
from compat_api.rest.workspace_mixin import WorkspaceMixin
from graph.curation import edit
from graph.curation.edit import RelationChanges
from graph.models import Relation


class RelationViewSet(
    WorkspaceMixin, ListModelMixin, RetrieveModelMixin, GenericViewSet[Relation]
):
    """Undirected relations; the entity with the smaller id is `source`."""

    queryset = Relation.objects.select_related("source", "target")
    serializer_class = RelationSerializer
    filterset_class = RelationFilters
    lookup_url_kwarg = "relation"
    lookup_value_converter = "int"
    orderings = {"id": "id"}

    @extend_schema(request=RelationInput, responses={201: RelationSerializer})
    def create(self, request: Request, workspace: str) -> Response:
        """Create a relation, which is kept even if no chunk mentions it."""
        body = RelationInput(data=request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        created = edit.create_relation(
            self.workspace.pk, values["source"], values["target"], changes(values)
        )
        url = reverse(
            "resources:relation-detail", [workspace, created.pk], request=request
        )
        return self.changed_response(created, 201, {"Location": url})

    @extend_schema(request=RelationChangesInput, responses=RelationSerializer)
    def partial_update(
        self, request: Request, workspace: str, relation: int
    ) -> Response:
        """Change a relation; the weight must be at least the number of its mentions."""
        old = self.get_object()
        body = RelationChangesInput(data=request.data)
        body.is_valid(raise_exception=True)
        edited = edit.edit_relation(
            self.workspace.pk,
            old.source.name,
            old.target.name,
            changes(body.validated_data),
        )
        return self.changed_response(edited)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, workspace: str, relation: int) -> Response:
        """Delete a relation and its mentions; its entities are kept."""
        old = self.get_object()
        edit.delete_relation(self.workspace.pk, old.source.name, old.target.name)
        return Response(status=204)

    def changed_response(
        self,
        relation: Relation,
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> Response:
        """Return the relation after a change."""
        serializer = self.get_serializer(self.get_queryset().get(pk=relation.pk))
        return Response(serializer.data, status=status, headers=headers)


def changes(values: dict[str, Any]) -> RelationChanges:
    """Return the changes that the request contains."""
    return RelationChanges(
        values.get("description"), values.get("keywords"), values.get("weight")
    )
