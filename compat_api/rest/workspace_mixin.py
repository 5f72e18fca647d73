"""Base of the views below `/resources/workspaces/<name>/`.

The URL names the workspace. A header that names another one is an error, because a client
that sets the header for all its requests would otherwise use an unexpected workspace.
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

from compat_api.auth import callers
from compat_api.rest.authentication import RoleByMethod
from documents.models import Workspace
from documents.workspaces import lookup


class WorkspaceMixin(GenericAPIView[Any]):
    """View of one workspace; `get_queryset` returns only its rows."""

    permission_classes = [RoleByMethod]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the header and the workspace, after the caller was authorized."""
        super().initial(request, *args, **kwargs)
        header = request.headers.get(callers.WORKSPACE_HEADER)
        if header and lookup.clean_name(header) != kwargs["workspace"]:
            raise ValidationError(
                {callers.WORKSPACE_HEADER: ["It must be the workspace of the URL."]}
            )
        self.workspace  # noqa: B018 - raises UnknownWorkspace

    @cached_property
    def workspace(self) -> Workspace:
        """Return the workspace that the URL names."""
        return callers.workspace(self.request._request, self.kwargs["workspace"])

    def get_queryset(self) -> Any:
        """Return the rows of the workspace; none while the schema is generated."""
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return self.of_workspace(rows)

    def of_workspace(self, rows: Any) -> Any:
        """Return the rows that belong to the workspace."""
        return rows.filter(workspace=self.workspace)

    def page(
        self, rows: QuerySet[Any], serializer: type[BaseSerializer[Any]]
    ) -> Response:
        """Return a page of rows that belong to the object of the URL."""
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(serializer(page, many=True).data)
