"""The resource API in a browser: REST framework's pages, kept to this host."""

from __future__ import annotations

from typing import Any

from rest_framework.renderers import BrowsableAPIRenderer

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "worker-src blob:; base-uri 'none'; frame-ancestors 'none'"
)
"""REST framework's and Swagger's pages style some of their elements in place."""


class BrowsablePages(BrowsableAPIRenderer):
    """REST framework's pages; nothing comes from elsewhere, no script but ours runs."""

    def get_context(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """What the page shows; its answer is given the policy on the way."""
        context = super().get_context(*args, **kwargs)
        context["response"]["Content-Security-Policy"] = POLICY
        return context
