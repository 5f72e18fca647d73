"""The APIs, one a dialect: their routes, and who answers their errors."""

from __future__ import annotations

from compat_api.auth import permissions
from compat_api.auth.authentication import Door
from compat_api.http import docs_pages
from compat_api.http.clean_input import LightRAGParser
from compat_api.http.compact_json import CompactRenderer
from compat_api.http.validation_errors import FastAPIErrors
from compat_api.lightrag import (
    customization,
    cypher,
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

lightrag = FastAPIErrors(
    title="LightRAG",
    version=CORE_VERSION,
    description="LightRAG's API on one PostgreSQL. Lists, files and the graph as "
    "resources: [/resources/](../resources/schema/swagger/).",
    urls_namespace="lightrag",
    docs_url=None,
    docs_decorator=docs_pages.unless_switched_off,
    parser=LightRAGParser(),
    renderer=CompactRenderer(),
    auth=Door(permissions.of_lightrag),
)
errors.install(lightrag)
# `/documents/{document_id}` of intake would take the addresses of those after it.
for routes in (
    documents,
    maintenance,
    query,
    graph,
    cypher,
    system,
    customization,
    workspaces,
    uploads,
):
    lightrag.add_router("", routes.router)
