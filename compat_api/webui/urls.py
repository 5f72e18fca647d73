"""The URLs of the pages, below `/webui/`."""

from __future__ import annotations

from django.urls import path

from compat_api.webui import session
from compat_api.webui.chat import conversations, feedback, views
from compat_api.webui.documents import actions, detail, images, uploads
from compat_api.webui.documents import views as documents_views
from compat_api.webui.graph import cypher, edits, panel
from compat_api.webui.graph import views as graph_views

app_name = "webui"
urlpatterns = [
    path("", documents_views.show, name="documents"),
    path("act", actions.act, name="act"),
    path("delete", actions.delete, name="delete"),
    path("tag", actions.tag, name="tag"),
    path("upload", uploads.upload, name="upload"),
    path("text", uploads.text, name="text"),
    path("documents/<str:public_id>/", detail.show, name="document"),
    path(
        "documents/<str:public_id>/chunks/<int:order>",
        detail.chunk,
        name="source-chunk",
    ),
    path(
        "documents/<str:public_id>/figures/<int:number>", images.figure, name="figure"
    ),
    path(
        "documents/<str:public_id>/chunks/<int:order>/pages/<int:page>",
        images.page_image,
        name="page-image",
    ),
    path("documents/<str:public_id>/version", uploads.version, name="version"),
    path("documents/<str:public_id>/file", detail.original, name="original"),
    path("graph/", graph_views.show, name="graph"),
    path("graph/data", graph_views.data, name="graph-data"),
    path("graph/path", graph_views.path, name="graph-path"),
    path("graph/search", graph_views.search, name="graph-search"),
    path("graph/documents", graph_views.documents, name="graph-documents"),
    path("graph/entity", panel.entity, name="graph-entity"),
    path("graph/relation", panel.relation, name="graph-relation"),
    path("graph/create", edits.create, name="graph-create"),
    path("graph/change", edits.change, name="graph-change"),
    path("graph/merge-preview", edits.preview, name="graph-merge-preview"),
    path("graph/merge", edits.merge, name="graph-merge"),
    path("graph/unmerge", edits.unmerge_alias, name="graph-unmerge"),
    path("graph/delete", edits.delete, name="graph-delete"),
    path("graph/relate", edits.create_relation, name="graph-relate"),
    path("graph/relation/change", edits.change_relation, name="relation-change"),
    path("graph/relation/delete", edits.delete_relation, name="relation-delete"),
    path("graph/cypher", cypher.run, name="graph-cypher"),
    path("chat/", views.show, name="chat"),
    path("chat/<uuid:conversation_id>/", views.show, name="conversation"),
    path("chat/ask", views.ask, name="ask"),
    path("chat/tags", views.tags, name="chat-tags"),
    path("chat/conversations", conversations.search, name="conversations"),
    path(
        "chat/<uuid:conversation_id>/contents",
        conversations.contents,
        name="conversation-contents",
    ),
    path(
        "chat/<uuid:conversation_id>/change",
        conversations.change,
        name="conversation-change",
    ),
    path(
        "chat/<uuid:conversation_id>/export.md",
        conversations.download,
        {"form": "md"},
        name="conversation-markdown",
    ),
    path(
        "chat/<uuid:conversation_id>/export.json",
        conversations.download,
        {"form": "json"},
        name="conversation-json",
    ),
    path("chat/stop/<uuid:key>", conversations.stop, name="stop"),
    path("chat/feedback", feedback.give, name="feedback"),
    path("workspace", session.choose_workspace, name="workspace"),
    path("workspaces", session.workspace_names, name="workspace-names"),
    path("language", session.choose_language, name="language"),
    path("login/", session.login, name="login"),
    path("logout/", session.logout, name="logout"),
]
