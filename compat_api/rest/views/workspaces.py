"""`/resources/workspaces/`."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.viewsets import GenericViewSet

from compat_api.auth import callers
from compat_api.rest.serializers import WorkspaceShape
from documents.models import Workspace
from documents.workspaces import names


class WorkspaceViews(ListModelMixin, RetrieveModelMixin, GenericViewSet[Workspace]):
    """The knowledge bases of this server."""

    queryset = Workspace.objects.all()
    serializer_class = WorkspaceShape
    lookup_field = "name"
    lookup_url_kwarg = "workspace"
    lookup_value_regex = names.PATTERN
    orderings = {"name": "name"}

    def get_queryset(self) -> QuerySet[Workspace]:
        """Those that the caller may enter."""
        rows = super().get_queryset()
        entered = callers.of(self.request._request).workspaces
        return rows if entered is None else rows.filter(pk__in=entered)
