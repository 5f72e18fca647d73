"""LightRAG's web UI at `/webui/`, where its own server has it, before all of ours.

It is served as LightRAG's server does (docs/lightrag.md F): the page gets its configuration in
place of a comment, by a script in the page, and so without the policy that our own pages
have; it is not kept, what it loads is.
"""

from __future__ import annotations

import json

from csp.decorators import csp_exempt
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import path
from django.views.static import serve

from lightrag_site.urls import urlpatterns as ours
from tests.upstream_webui import FOLDER

PLACEHOLDER = "<!-- __LIGHTRAG_RUNTIME_CONFIG__ -->"


@csp_exempt()
def index(request: HttpRequest) -> HttpResponse:
    """The page, told where it is."""
    prefix = settings.LIGHTRAG.server.api_prefix
    told = {"apiPrefix": prefix, "webuiPrefix": f"{prefix}/webui/"}
    script = f"<script>window.__LIGHTRAG_CONFIG__ = {json.dumps(told)};</script>"
    page = (FOLDER / "index.html").read_text("utf-8")
    assert PLACEHOLDER in page
    return HttpResponse(
        page.replace(PLACEHOLDER, script), headers={"Cache-Control": "no-store"}
    )


def asset(request: HttpRequest, name: str) -> FileResponse:
    """What the page loads."""
    found = serve(request, name, document_root=str(FOLDER))
    assert isinstance(found, FileResponse)
    return found


urlpatterns = [path("webui/", index), path("webui/<path:name>", asset), *ours]
