"""`/resources/workspaces/`: workspaces, read-only."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.viewsets import GenericViewSet

from compat_api.auth import callers
from compat_api.rest.authentication import RoleByMethod
from compat_api.rest.serializers import WorkspaceSerializer
from documents.models import Workspace
from documents.workspaces import names


class WorkspaceViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Workspace]):
    """Workspaces of this server."""

    permission_classes = [RoleByMethod]

    queryset = Workspace.objects.all()
    serializer_class = WorkspaceSerializer
    lookup_field = "name"
    lookup_url_kwarg = "workspace"
    lookup_value_regex = names.PATTERN
    orderings = {"name": "name"}

    def get_queryset(self) -> QuerySet[Workspace]:
        """Return the workspaces that the caller may use."""
        rows = super().get_queryset()
        allowed = callers.of(self.request._request).workspaces
        return rows if allowed is None else rows.filter(pk__in=allowed)
