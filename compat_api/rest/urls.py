"""Every address below `/resources/`."""

from __future__ import annotations

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import DefaultRouter

from compat_api.http import docs_pages
from compat_api.rest.views.chunks import ChunkViews
from compat_api.rest.views.documents import DocumentViews
from compat_api.rest.views.entities import EntityViews
from compat_api.rest.views.graph_files import GraphFile
from compat_api.rest.views.mentions import EntityMentionViews, RelationMentionViews
from compat_api.rest.views.relations import RelationViews
from compat_api.rest.views.schema_pages import Redoc, Swagger
from compat_api.rest.views.workspaces import WorkspaceViews
from documents.workspaces import names
from graph.interchange.formats import FORMATS

app_name = "resources"

server = DefaultRouter()
server.register("workspaces", WorkspaceViews, "workspace")

workspace = DefaultRouter(use_regex_path=True)
workspace.register("documents", DocumentViews, "document")
workspace.register("chunks", ChunkViews, "chunk")
workspace.register("entities", EntityViews, "entity")
workspace.register("relations", RelationViews, "relation")
workspace.register(
    r"entities/(?P<entity>\d{1,18})/mentions", EntityMentionViews, "entity-mention"
)
workspace.register(
    r"relations/(?P<relation>\d{1,18})/mentions",
    RelationMentionViews,
    "relation-mention",
)

schema = docs_pages.unless_switched_off(SpectacularAPIView.as_view())
urlpatterns = [
    path("schema/", schema, name="schema"),
    path(
        "schema/swagger/",
        docs_pages.unless_switched_off(Swagger.as_view(url_name="resources:schema")),
        name="swagger",
    ),
    path(
        "schema/redoc/",
        docs_pages.unless_switched_off(Redoc.as_view(url_name="resources:schema")),
        name="redoc",
    ),
    path("", include(server.urls)),
    re_path(
        rf"^workspaces/(?P<workspace>{names.PATTERN})/graph\.(?P<form>{'|'.join(FORMATS)})$",
        GraphFile.as_view(),
        name="graph-file",
    ),
    re_path(rf"^workspaces/(?P<workspace>{names.PATTERN})/", include(workspace.urls)),
]
