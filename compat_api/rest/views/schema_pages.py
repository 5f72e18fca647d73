"""Swagger and Redoc pages of the schema, served by this server."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from compat_api.rest.renderers import POLICY


@extend_schema(exclude=True)
class Swagger(SpectacularSwaggerSplitView):
    """Swagger's page, with its script at a separate URL."""

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the page or its script."""
        response: Response = super().get(  # type: ignore[no-untyped-call]
            request, *args, **kwargs
        )
        response["Content-Security-Policy"] = POLICY
        return response


@extend_schema(exclude=True)
class Redoc(SpectacularRedocView):
    """Redoc's page; drf-spectacular's template would load fonts from Google."""

    template_name = "resources/redoc.html"

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the page."""
        response: Response = super().get(  # type: ignore[no-untyped-call]
            request, *args, **kwargs
        )
        response["Content-Security-Policy"] = POLICY
        return response
