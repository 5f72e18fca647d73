"""Settings of Django REST framework and drf-spectacular for the resource API."""

from __future__ import annotations

from typing import Any

from compat_api.versions import CORE_VERSION

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "compat_api.rest.authentication.CallerAuthentication"
    ],
    "DEFAULT_PERMISSION_CLASSES": ["compat_api.rest.authentication.Undeclared"],
    "DEFAULT_THROTTLE_CLASSES": ["compat_api.rest.authentication.CallerRate"],
    "DEFAULT_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "compat_api.rest.renderers.BrowsableRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "compat_api.rest.pagination.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "compat_api.rest.openapi.ResourceSchema",
    "EXCEPTION_HANDLER": "compat_api.rest.errors.handle",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Resources",
    "VERSION": CORE_VERSION,
    "DESCRIPTION": "Workspaces, documents, chunks, and the knowledge graph built from them.",
    "SCHEMA_PATH_PREFIX": r"/resources(/workspaces/\{workspace\}(?=/\w))?",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SERVE_PERMISSIONS": ["compat_api.rest.authentication.RoleByMethod"],
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "compat_api.rest.openapi.complete",
    ],
    "ENUM_NAME_OVERRIDES": {"DocumentStatus": "documents.models.Status"},
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
