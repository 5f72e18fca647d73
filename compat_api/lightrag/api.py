"""LightRAG's API: its routers and error handlers. Routes declare their permission."""

from __future__ import annotations

from compat_api.auth.permissions import ADMIN
from compat_api.http import docs_pages
from compat_api.http.clean_input import LightRAGParser
from compat_api.http.dialect_api import CompactRenderer, DialectAPI
from compat_api.lightrag import (
    customization,
    documents,
    errors,
    graph,
    maintenance,
    query,
    system,
    uploads,
    workspaces,
)
from compat_api.versions import CORE_VERSION

lightrag = DialectAPI(
    title="LightRAG",
    version=CORE_VERSION,
    description="LightRAG's API on one PostgreSQL. Lists, files and the graph as "
    "resources: [/resources/](../resources/schema/swagger/).",
    urls_namespace="lightrag",
    docs_url=None,
    docs_decorator=docs_pages.if_enabled,
    parser=LightRAGParser(),
    renderer=CompactRenderer(),
    auth=ADMIN,
)
errors.install(lightrag)
# `uploads` is last: its `/documents/{document_id}` would match the paths of the others.
for routes in (
    documents,
    maintenance,
    query,
    graph,
    system,
    customization,
    workspaces,
    uploads,
):
    lightrag.add_router("", routes.router)
