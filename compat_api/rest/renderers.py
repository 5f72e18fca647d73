"""Browsable pages of the resource API."""

from __future__ import annotations

from typing import Any

from rest_framework.renderers import BrowsableAPIRenderer

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "worker-src blob:; base-uri 'none'; frame-ancestors 'none'"
)
"""REST framework's and Swagger's pages use inline styles."""


class BrowsableRenderer(BrowsableAPIRenderer):
    """REST framework's pages with a content security policy: only this server."""

    def get_context(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the template's context; set the policy on the response."""
        context = super().get_context(*args, **kwargs)
        context["response"]["Content-Security-Policy"] = POLICY
        return context
