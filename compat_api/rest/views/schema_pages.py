"""The pages that show the schema: Swagger's and Redoc's, from this server."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from compat_api.rest.renderers import POLICY


@extend_schema(exclude=True)
class Swagger(SpectacularSwaggerSplitView):
    """Swagger's page; its script has an address of its own."""

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The page, or its script."""
        answer: Response = super().get(  # type: ignore[no-untyped-call]
            request, *args, **kwargs
        )
        answer["Content-Security-Policy"] = POLICY
        return answer


@extend_schema(exclude=True)
class Redoc(SpectacularRedocView):
    """Redoc's page; drf-spectacular's own would fetch its letters from Google."""

    template_name = "resources/redoc.html"

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The page."""
        answer: Response = super().get(  # type: ignore[no-untyped-call]
            request, *args, **kwargs
        )
        answer["Content-Security-Policy"] = POLICY
        return answer
