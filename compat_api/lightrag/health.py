"""What `/health` tells: that the server lives, and what it does."""

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
    "No language model is configured: entities are found by linguistics, and answers "
    "are quoted passages. Set LLM_BINDING, LLM_MODEL and LLM_BINDING_API_KEY."
)


def versions() -> dict[str, Any]:
    """What every answer about the server says."""
    server = settings.LIGHTRAG.server
    return {
        "core_version": CORE_VERSION,
        "api_version": API_VERSION,
        "webui_title": server.webui_title or None,
        "webui_description": server.webui_description or None,
        "ai_content_notice_enabled": server.ai_content_notice,
    }


def auth_mode() -> str:
    """Whether people log in, as upstream's UI asks; a key alone is no login."""
    return "enabled" if accounts.are_enabled() else "disabled"


def has_page(path: str) -> bool:
    """Whether anything is mounted there."""
    try:
        resolve(f"/{path}")
    except Resolver404:
        return False
    return True


def liveness(workspace: Workspace | None) -> dict[str, Any]:
    """What anybody may know; `workspace` is None where the database is not there."""
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
    """What a trusted caller may know besides."""
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
    """What is missing, and what to do about it."""
    if missing := workers.missing_message():
        yield missing
    if not chat_models.has_llm():
        yield NO_LLM


def reachable(find: Any) -> Workspace | None:
    """The workspace, or None where the database does not answer."""
    try:
        workspace: Workspace = find()
    except DatabaseError:
        return None
    return workspace
