"""URLs with LightRAG's web UI at `/webui/`, before the URLs of the site.

As in LightRAG's server (docs/lightrag.md F), an inline script replaces a comment of the page
and contains the configuration. The page therefore has no content security policy, and is
not cached.
"""

from __future__ import annotations

import json

from csp.decorators import csp_exempt
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import path
from django.views.static import serve

from lightrag_site.urls import urlpatterns as site_urls
from tests.lightrag_webui import FOLDER

PLACEHOLDER = "<!-- __LIGHTRAG_RUNTIME_CONFIG__ -->"


@csp_exempt()
def index(request: HttpRequest) -> HttpResponse:
    """Return the page with its configuration."""
    prefix = settings.LIGHTRAG.server.api_prefix
    config = {"apiPrefix": prefix, "webuiPrefix": f"{prefix}/webui/"}
    script = f"<script>window.__LIGHTRAG_CONFIG__ = {json.dumps(config)};</script>"
    page = (FOLDER / "index.html").read_text("utf-8")
    assert PLACEHOLDER in page
    return HttpResponse(
        page.replace(PLACEHOLDER, script), headers={"Cache-Control": "no-store"}
    )


def asset(request: HttpRequest, name: str) -> FileResponse:
    """Return a file that the page loads."""
    response = serve(request, name, document_root=str(FOLDER))
    assert isinstance(response, FileResponse)
    return response


urlpatterns = [path("webui/", index), path("webui/<path:name>", asset), *site_urls]
