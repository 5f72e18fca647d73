"""`/resources/workspaces/<name>/entities/`: the nodes, read and mended."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from compat_api.rest.filters import EntityFilters
from compat_api.rest.input_serializers import EntityInput, MergeInput
from compat_api.rest.serializers import EntityShape
from compat_api.rest.workspace_mixin import InWorkspace
from graph.curation import edit, entity_merge
from graph.curation.edit import EntityChanges
from graph.models import Entity


class EntityViews(
    InWorkspace, ListModelMixin, RetrieveModelMixin, GenericViewSet[Entity]
):
    """The things that chunks speak of, and those a person made.

    A person's words win over every chunk's and stay when documents come and go.
    """

    queryset = Entity.objects.prefetch_related("aliases")
    serializer_class = EntityShape
    filterset_class = EntityFilters
    lookup_url_kwarg = "entity"
    lookup_value_converter = "int"
    orderings = {"id": "id", "name": "name", "-degree": "degree"}

    @extend_schema(request=EntityInput, responses={201: EntityShape})
    def create(self, request: Request, workspace: str) -> Response:
        """Make an entity that stays though no chunk mentions it."""
        sent = EntityInput(data=request.data)
        sent.is_valid(raise_exception=True)
        made = edit.create_entity(
            self.workspace.pk, sent.validated_data["name"], changes(sent)
        )
        address = reverse(
            "resources:entity-detail", [workspace, made.pk], request=request
        )
        return self.shown(made, 201, {"Location": address})

    @extend_schema(request=EntityInput(partial=True), responses=EntityShape)
    def partial_update(self, request: Request, workspace: str, entity: int) -> Response:
        """Change it. A new name makes the old one an alias; one that is taken is
        refused: see `merge`."""
        name = self.get_object().name
        sent = EntityInput(data=request.data, partial=True)
        sent.is_valid(raise_exception=True)
        edited = edit.edit_entity(
            self.workspace.pk, name, changes(sent), allow_rename=True
        )
        return self.shown(edited.entity)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, workspace: str, entity: int) -> Response:
        """Delete it with its relations and all that was said of them."""
        edit.delete_entity(self.workspace.pk, self.get_object().name)
        return Response(status=204)

    @extend_schema(request=MergeInput, responses=EntityShape)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, workspace: str, entity: int) -> Response:
        """Make other entities one with it; their names become its aliases."""
        into = self.get_object().name
        sent = MergeInput(data=request.data)
        sent.is_valid(raise_exception=True)
        names = sent.validated_data["names"]
        return self.shown(entity_merge.merge_entities(self.workspace.pk, names, into))

    def shown(
        self, entity: Entity, status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        """Return the entity after a change."""
        shape = self.get_serializer(self.get_queryset().get(pk=entity.pk))
        return Response(shape.data, status=status, headers=headers)


def changes(sent: EntityInput) -> EntityChanges:
    """What was sent of them."""
    return EntityChanges(
        sent.validated_data.get("name"),
        sent.validated_data.get("entity_type"),
        sent.validated_data.get("description"),
    )
