"""What a page may load and run: nothing that does not come from this server.

The pages need no exception. The admin's theme does: Alpine evaluates the expressions in
its templates, and some elements carry their style. Views that have needs of their own
(the API's documentation) set the header themselves, and keep it.
"""

from __future__ import annotations

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
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
ADMIN = {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}
"""What is added below the admin's address. Inline scripts stay forbidden there, too."""


class ContentPolicy(CSPMiddleware):
    """django-csp's middleware, with the admin's exceptions."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """The response with its policy."""
        if request.path.startswith(reverse("admin:index")):
            response._csp_update = ADMIN  # type: ignore[attr-defined]
        return super().process_response(request, response)
