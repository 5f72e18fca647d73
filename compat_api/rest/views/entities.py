"""`/resources/workspaces/<name>/entities/`: entities, read, edited and merged."""

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
from compat_api.rest.serializers import EntitySerializer
from compat_api.rest.workspace_mixin import WorkspaceMixin
from graph.curation import edit, entity_merge
from graph.curation.edit import EntityChanges
from graph.models import Entity


class EntityViewSet(
    WorkspaceMixin, ListModelMixin, RetrieveModelMixin, GenericViewSet[Entity]
):
    """Entities that chunks mention, and entities created by users.

    A user's edit overrides the mentions, and is kept when documents are added or deleted.
    """

    queryset = Entity.objects.prefetch_related("aliases")
    serializer_class = EntitySerializer
    filterset_class = EntityFilters
    lookup_url_kwarg = "entity"
    lookup_value_converter = "int"
    orderings = {"id": "id", "name": "name", "-degree": "degree"}

    @extend_schema(request=EntityInput, responses={201: EntitySerializer})
    def create(self, request: Request, workspace: str) -> Response:
        """Create an entity, which is kept even if no chunk mentions it."""
        body = EntityInput(data=request.data)
        body.is_valid(raise_exception=True)
        created = edit.create_entity(
            self.workspace.pk, body.validated_data["name"], changes(body)
        )
        url = reverse(
            "resources:entity-detail", [workspace, created.pk], request=request
        )
        return self.changed_response(created, 201, {"Location": url})

    @extend_schema(request=EntityInput(partial=True), responses=EntitySerializer)
    def partial_update(self, request: Request, workspace: str, entity: int) -> Response:
        """Change an entity.

        If the name changes, the old name becomes an alias. The new name must not be the
        name of another entity: use `merge` to combine two entities.
        """
        name = self.get_object().name
        body = EntityInput(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        edited = edit.edit_entity(
            self.workspace.pk, name, changes(body), allow_rename=True
        )
        return self.changed_response(edited.entity)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, workspace: str, entity: int) -> Response:
        """Delete an entity with its relations and mentions."""
        edit.delete_entity(self.workspace.pk, self.get_object().name)
        return Response(status=204)

    @extend_schema(request=MergeInput, responses=EntitySerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, workspace: str, entity: int) -> Response:
        """Merge other entities into this one; their names become its aliases."""
        into = self.get_object().name
        body = MergeInput(data=request.data)
        body.is_valid(raise_exception=True)
        names = body.validated_data["names"]
        return self.changed_response(
            entity_merge.merge_entities(self.workspace.pk, names, into)
        )

    def changed_response(
        self, entity: Entity, status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        """Return the entity after a change."""
        serializer = self.get_serializer(self.get_queryset().get(pk=entity.pk))
        return Response(serializer.data, status=status, headers=headers)


def changes(body: EntityInput) -> EntityChanges:
    """Return the changes that the request contains."""
    return EntityChanges(
        body.validated_data.get("name"),
        body.validated_data.get("entity_type"),
        body.validated_data.get("description"),
    )
