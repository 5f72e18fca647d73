"""The content of `/health`: liveness, versions, and details for trusted callers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.urls import Resolver404, resolve

from compat_api.auth import accounts
from compat_api.chat import chat_models
from compat_api.lightrag import configuration
from compat_api.versions import API_VERSION, CORE_VERSION
from documents.intake import scan_tasks
from documents.models import Workspace
from documents.queries import pipeline_status
from documents.workspaces import workers
from retrieval.llm.limits import provider_states

NO_LLM = (
    "No language model is configured: entities are extracted by linguistic rules, and "
    "answers are quoted chunks. Set LLM_BINDING, LLM_MODEL and LLM_BINDING_API_KEY."
)


def versions() -> dict[str, Any]:
    """Return the fields that every response about the server contains."""
    server = settings.LIGHTRAG.server
    return {
        "core_version": CORE_VERSION,
        "api_version": API_VERSION,
        "webui_title": server.webui_title or None,
        "webui_description": server.webui_description or None,
        "ai_content_notice_enabled": server.ai_content_notice,
    }


def auth_mode() -> str:
    """Return whether users log in. An API key alone is not a login."""
    return "enabled" if accounts.are_enabled() else "disabled"


def has_page(path: str) -> bool:
    """Return whether a route exists for the path."""
    try:
        resolve(f"/{path}")
    except Resolver404:
        return False
    return True


def liveness(workspace: Workspace | None) -> dict[str, Any]:
    """Return the public fields; `workspace` is None if the database is unreachable."""
    busy = workspace is not None and pipeline_status.is_busy(workspace)
    return {
        "status": "healthy" if workspace is not None else "unhealthy",
        "auth_mode": auth_mode(),
        **versions(),
        "webui_available": has_page("webui/"),
        "workspace_available": has_page("workspace/"),
        "api_docs_available": settings.LIGHTRAG.server.api_docs,
        "pipeline_busy": busy,
        "pipeline_active": busy,
    }


def details(workspace: Workspace | None) -> dict[str, Any]:
    """Return what only a trusted caller may know."""
    server = settings.LIGHTRAG.server
    queued = pipeline_status.work(workspace).queued if workspace is not None else 0
    return {
        "working_directory": str(server.working_dir),
        "input_directory": str(server.input_dir),
        "configuration": configuration.configuration(workspace),
        "server_mode": "uvicorn",
        "workers": server.workers,
        "pipeline_scanning": workspace is not None
        and scan_tasks.is_scanning(workspace),
        "pipeline_destructive_busy": False,
        "pipeline_pending_enqueues": queued,
        "llm_configured": chat_models.has_llm(),
        "workers_running": workers.count(),
        "providers_paused": [str(state) for state in provider_states.paused()],
        "notice": " ".join(notices()),
    }


def notices() -> Iterator[str]:
    """Yield each problem of the setup with its solution."""
    if missing := workers.missing_message():
        yield missing
    if not chat_models.has_llm():
        yield NO_LLM


def workspace_if_reachable(find: Any) -> Workspace | None:
    """Return the workspace, or None if the database does not answer."""
    try:
        workspace: Workspace = find()
    except DatabaseError:
        return None
    return workspace
