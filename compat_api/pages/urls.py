"""The addresses of the pages, below `/webui/`."""

from __future__ import annotations

from django.urls import path

from compat_api.pages import (
    chat,
    document,
    document_acts,
    documents,
    feedback,
    graph,
    graph_cypher,
    graph_edits,
    graph_panel,
    intake,
    session,
)

app_name = "pages"
urlpatterns = [
    path("", documents.show, name="documents"),
    path("act", document_acts.act, name="act"),
    path("delete", document_acts.delete, name="delete"),
    path("tag", document_acts.tag, name="tag"),
    path("upload", intake.upload, name="upload"),
    path("text", intake.text, name="text"),
    path("documents/<str:public_id>/", document.show, name="document"),
    path("documents/<str:public_id>/version", intake.version, name="version"),
    path("documents/<str:public_id>/file", document.original, name="original"),
    path("graph/", graph.show, name="graph"),
    path("graph/data", graph.data, name="graph-data"),
    path("graph/path", graph.path, name="graph-path"),
    path("graph/search", graph.search, name="graph-search"),
    path("graph/documents", graph.documents, name="graph-documents"),
    path("graph/entity", graph_panel.entity, name="graph-entity"),
    path("graph/relation", graph_panel.relation, name="graph-relation"),
    path("graph/create", graph_edits.create, name="graph-create"),
    path("graph/change", graph_edits.change, name="graph-change"),
    path("graph/foresee", graph_edits.foresee, name="graph-foresee"),
    path("graph/merge", graph_edits.merge, name="graph-merge"),
    path("graph/split", graph_edits.split, name="graph-split"),
    path("graph/delete", graph_edits.delete, name="graph-delete"),
    path("graph/relate", graph_edits.relate, name="graph-relate"),
    path("graph/relation/change", graph_edits.change_relation, name="relation-change"),
    path("graph/relation/delete", graph_edits.delete_relation, name="relation-delete"),
    path("graph/cypher", graph_cypher.ask, name="graph-cypher"),
    path("chat/", chat.show, name="chat"),
    path("chat/ask", chat.ask, name="ask"),
    path("chat/feedback", feedback.give, name="feedback"),
    path("workspace", session.choose_workspace, name="workspace"),
    path("language", session.choose_language, name="language"),
    path("login/", session.login, name="login"),
    path("logout/", session.logout, name="logout"),
]
