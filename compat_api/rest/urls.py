"""URLs below `/resources/`."""

from __future__ import annotations

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import APIRootView, DefaultRouter

from compat_api.http import docs_pages
from compat_api.rest.authentication import RoleByMethod
from compat_api.rest.views.chunks import ChunkViewSet
from compat_api.rest.views.documents import DocumentViewSet
from compat_api.rest.views.entities import EntityViewSet
from compat_api.rest.views.graph_files import GraphFileView
from compat_api.rest.views.mentions import EntityMentionViewSet, RelationMentionViewSet
from compat_api.rest.views.relations import RelationViewSet
from compat_api.rest.views.schema_pages import Redoc, Swagger
from compat_api.rest.views.workspaces import WorkspaceViewSet
from documents.workspaces import names
from graph.interchange.formats import FORMATS

app_name = "resources"


class RootView(APIRootView):
    """Links to the resources."""

    permission_classes = [RoleByMethod]


class Router(DefaultRouter):
    """REST framework's router, whose root view declares its permission."""

    APIRootView = RootView


server = Router()
server.register("workspaces", WorkspaceViewSet, "workspace")

workspace = Router(use_regex_path=True)
workspace.register("documents", DocumentViewSet, "document")
workspace.register("chunks", ChunkViewSet, "chunk")
workspace.register("entities", EntityViewSet, "entity")
workspace.register("relations", RelationViewSet, "relation")
workspace.register(
    r"entities/(?P<entity>\d{1,18})/mentions", EntityMentionViewSet, "entity-mention"
)
workspace.register(
    r"relations/(?P<relation>\d{1,18})/mentions",
    RelationMentionViewSet,
    "relation-mention",
)

schema = docs_pages.if_enabled(SpectacularAPIView.as_view())
urlpatterns = [
    path("schema/", schema, name="schema"),
    path(
        "schema/swagger/",
        docs_pages.if_enabled(Swagger.as_view(url_name="resources:schema")),
        name="swagger",
    ),
    path(
        "schema/redoc/",
        docs_pages.if_enabled(Redoc.as_view(url_name="resources:schema")),
        name="redoc",
    ),
    path("", include(server.urls)),
    re_path(
        rf"^workspaces/(?P<workspace>{names.PATTERN})/graph\.(?P<form>{'|'.join(FORMATS)})$",
        GraphFileView.as_view(),
        name="graph-file",
    ),
    re_path(rf"^workspaces/(?P<workspace>{names.PATTERN})/", include(workspace.urls)),
]
