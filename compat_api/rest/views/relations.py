"""`/resources/workspaces/<name>/relations/`: the edges, read and mended."""

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
from compat_api.rest.serializers import RelationShape
from compat_api.rest.workspace_mixin import InWorkspace
from graph.curation import edit
from graph.curation.edit import RelationChanges
from graph.models import Relation


class RelationViews(
    InWorkspace, ListModelMixin, RetrieveModelMixin, GenericViewSet[Relation]
):
    """What joins two entities, in no direction: the end with the smaller id is `source`."""

    queryset = Relation.objects.select_related("source", "target")
    serializer_class = RelationShape
    filterset_class = RelationFilters
    lookup_url_kwarg = "relation"
    lookup_value_converter = "int"
    orderings = {"id": "id"}

    @extend_schema(request=RelationInput, responses={201: RelationShape})
    def create(self, request: Request, workspace: str) -> Response:
        """Make a relation that stays though no chunk mentions it."""
        sent = RelationInput(data=request.data)
        sent.is_valid(raise_exception=True)
        values = sent.validated_data
        made = edit.create_relation(
            self.workspace.pk, values["source"], values["target"], changes(values)
        )
        address = reverse(
            "resources:relation-detail", [workspace, made.pk], request=request
        )
        return self.shown(made, 201, {"Location": address})

    @extend_schema(request=RelationChangesInput, responses=RelationShape)
    def partial_update(
        self, request: Request, workspace: str, relation: int
    ) -> Response:
        """Change it. A weight below the number of chunks that speak of it is refused."""
        found = self.get_object()
        sent = RelationChangesInput(data=request.data)
        sent.is_valid(raise_exception=True)
        edited = edit.edit_relation(
            self.workspace.pk,
            found.source.name,
            found.target.name,
            changes(sent.validated_data),
        )
        return self.shown(edited)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, workspace: str, relation: int) -> Response:
        """Delete it and all that was said of it; its ends stay."""
        found = self.get_object()
        edit.delete_relation(self.workspace.pk, found.source.name, found.target.name)
        return Response(status=204)

    def shown(
        self,
        relation: Relation,
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> Response:
        """Return the relation after a change."""
        shape = self.get_serializer(self.get_queryset().get(pk=relation.pk))
        return Response(shape.data, status=status, headers=headers)


def changes(values: dict[str, Any]) -> RelationChanges:
    """What was sent of them."""
    return RelationChanges(
        values.get("description"), values.get("keywords"), values.get("weight")
    )
