"""What the views below `/resources/workspaces/<name>/` have in common.

The address names the workspace, so that it means one thing whoever follows it. A header
that names another one is refused: a client that sets it for all its calls shall not
read or write somewhere else than it believes.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.functional import cached_property
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from compat_api.auth import workspace_access
from documents.models import Workspace
from documents.workspaces import lookup


class InWorkspace(GenericAPIView[Any]):
    """A view of one workspace: its rows are all that `get_queryset` can see."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Whoever may come in is told of a missing workspace; nobody else is."""
        super().initial(request, *args, **kwargs)
        header = request.headers.get(workspace_access.HEADER)
        if header and lookup.clean_name(header) != kwargs["workspace"]:
            raise ValidationError(
                {workspace_access.HEADER: ["The address names another workspace."]}
            )
        self.workspace  # noqa: B018 - raises UnknownWorkspace

    @cached_property
    def workspace(self) -> Workspace:
        """The one the address names."""
        return workspace_access.workspace(
            self.request._request, self.kwargs["workspace"]
        )

    def get_queryset(self) -> Any:
        """The workspace's rows alone; none while only the schema is made."""
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return self.of_workspace(rows)

    def of_workspace(self, rows: Any) -> Any:
        """Those of them that are this workspace's."""
        return rows.filter(workspace=self.workspace)

    def page(self, rows: QuerySet[Any], shape: type[BaseSerializer[Any]]) -> Response:
        """A page of rows that belong to the one the address names."""
        found = self.paginate_queryset(rows)
        return self.get_paginated_response(shape(found, many=True).data)
