"""`/resources/workspaces/`."""

from __future__ import annotations

from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.viewsets import GenericViewSet

from compat_api.resources.shapes import WorkspaceShape
from compat_api.resources.within import PATTERN
from documents.models import Workspace


class WorkspaceViews(ListModelMixin, RetrieveModelMixin, GenericViewSet[Workspace]):
    """The knowledge bases of this server."""

    queryset = Workspace.objects.all()
    serializer_class = WorkspaceShape
    lookup_field = "name"
    lookup_url_kwarg = "workspace"
    lookup_value_regex = PATTERN
    orderings = {"name": "name"}
