"""Content security policy: pages load and run only what this server sends.

The pages need no exception. The admin's theme does: Alpine evaluates expressions in its
templates, and some elements have inline styles. A view that sets the header itself (the
API's documentation) keeps it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

POLICY: dict[str, dict[str, list[str]]] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
ADMIN: dict[str, Any] = {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}
"""Additions below the admin's URL. Inline scripts are forbidden there, too."""


class ContentPolicy(CSPMiddleware):
    """django-csp's middleware, with the exceptions for the admin."""

    def get_policy_parts(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
        report_only: bool = False,  # noqa: FBT001, FBT002 - django-csp's
    ) -> PolicyParts:
        """Return the policy of the site, with the additions for the admin."""
        parts = super().get_policy_parts(request, response, report_only)
        if request.path.startswith(reverse("admin:index")):
            return replace(parts, update=ADMIN)
        return parts
