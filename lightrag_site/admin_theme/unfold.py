"""The theme of the admin: titles, colors and the sidebar."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _entry(title: Any, icon: str, view: str, permission: str) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{view}"),
        "permission": lambda request: request.user.has_perm(permission),
        "active": lambda request: _is_active(view, request.path),
    }


def _is_active(view: str, path: str) -> bool:
    """Return True if no other entry matches a longer part of the path."""
    links = [item["link"] for group in NAVIGATION[1:] for item in group["items"]]
    matches = [str(link) for link in links if path.startswith(str(link))]
    return str(reverse_lazy(f"admin:{view}")) == max(matches, key=len, default="")


NAVIGATION: list[dict[str, Any]] = [
    {
        "items": [
            {
                "title": _("Dashboard"),
                "icon": "dashboard",
                "link": reverse_lazy("admin:index"),
            },
            {
                "title": _("Documents, graph and chat"),
                "icon": "arrow_back",
                "link": reverse_lazy("webui:documents"),
                "active": False,
            },
        ]
    },
    {
        "title": _("Documents"),
        "separator": True,
        "items": [
            _entry(
                _("Documents"),
                "description",
                "documents_document_changelist",
                "documents.view_document",
            ),
            _entry(
                _("Upload"),
                "upload_file",
                "documents_document_add",
                "documents.add_document",
            ),
            _entry(
                _("Chunks"),
                "segment",
                "documents_chunk_changelist",
                "documents.view_chunk",
            ),
            _entry(
                _("Pipeline events"),
                "timeline",
                "documents_pipelineevent_changelist",
                "documents.view_pipelineevent",
            ),
            _entry(
                _("Workspaces"),
                "workspaces",
                "documents_workspace_changelist",
                "documents.view_workspace",
            ),
        ],
    },
    {
        "title": _("Graph"),
        "separator": True,
        "items": [
            _entry(
                _("Entities"), "hub", "graph_entity_changelist", "graph.view_entity"
            ),
            _entry(
                _("Relations"),
                "conversion_path",
                "graph_relation_changelist",
                "graph.view_relation",
            ),
            _entry(
                _("Aliases"),
                "label",
                "graph_entityalias_changelist",
                "graph.view_entityalias",
            ),
            _entry(
                _("Duplicates"), "join_inner", "graph_duplicates", "graph.view_entity"
            ),
            _entry(_("Cypher"), "terminal", "graph_cypher", "graph.view_entity"),
        ],
    },
    {
        "title": _("Models"),
        "separator": True,
        "items": [
            _entry(
                _("LLM cache"),
                "smart_toy",
                "retrieval_llmcache_changelist",
                "retrieval.view_llmcache",
            ),
            _entry(
                _("Feedback"),
                "thumbs_up_down",
                "retrieval_feedback_changelist",
                "retrieval.view_feedback",
            ),
        ],
    },
    {
        "title": _("Access"),
        "separator": True,
        "items": [
            _entry(_("Users"), "person", "auth_user_changelist", "auth.view_user"),
            _entry(_("Groups"), "group", "auth_group_changelist", "auth.view_group"),
            _entry(
                _("API keys"),
                "key",
                "compat_api_apikey_changelist",
                "compat_api.view_apikey",
            ),
            _entry(
                _("Audit log"),
                "history",
                "graph_auditentry_changelist",
                "graph.view_auditentry",
            ),
        ],
    },
]

UNFOLD = {
    "SITE_TITLE": "LightRAG",
    "SITE_HEADER": "LightRAG",
    "SITE_SUBHEADER": _("Knowledge base"),
    "SITE_SYMBOL": "hub",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("lightrag_admin/icon.svg"),
        }
    ],
    "SITE_URL": None,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "retrieval.admin.dashboard.fill",
    "LOGIN": {"form": "compat_api.auth.login_forms.AdminLoginForm"},
    "SCRIPTS": [lambda request: static("webui/build/admin-labels.js")],
    "STYLES": [lambda request: static("lightrag_admin/admin.css")],
    "SIDEBAR": {"show_search": False, "navigation": NAVIGATION},
    "COLORS": {
        "primary": {
            "50": "#effaf8",
            "100": "#d5f2ec",
            "200": "#aee4da",
            "300": "#7bcfc2",
            "400": "#48b1a4",
            "500": "#2b968a",
            "600": "#1e7970",
            "700": "#1b615b",
            "800": "#1a4e4a",
            "900": "#19413e",
            "950": "#082725",
        }
    },
}
