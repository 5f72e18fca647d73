"""What `/health` tells: that the server lives, what it does, and how it is set up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError
from django.urls import Resolver404, resolve

from compat_api.access import accounts
from compat_api.versions import API_VERSION, CORE_VERSION
from documents import pipeline_status, scan_jobs, workers
from documents.models import Workspace
from retrieval.llm import limit_states
from retrieval.llm.config import ChatConfig

STORAGE = {
    "kv_storage": "PostgreSQL",
    "doc_status_storage": "PostgreSQL",
    "graph_storage": "PostgreSQL with Apache AGE",
    "vector_storage": "PostgreSQL with pgvector",
}
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
    return "enabled" if accounts.are_on() else "disabled"


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
        "configuration": configuration(workspace),
        "server_mode": "uvicorn",
        "workers": server.workers,
        "pipeline_scanning": workspace is not None and scan_jobs.any_running(workspace),
        "pipeline_destructive_busy": False,
        "pipeline_pending_enqueues": queued,
        "llm_configured": llm_configured(),
        "workers_running": workers.count(),
        "providers_left_alone": [str(one) for one in limit_states.left_alone()],
        "notice": " ".join(notices()),
    }


def notices() -> Iterator[str]:
    """What is missing, and what to do about it."""
    if missing := workers.missing():
        yield missing
    if not llm_configured():
        yield NO_LLM


def llm_configured() -> bool:
    """Whether any language model answers questions."""
    return settings.LIGHTRAG.query_llm.binding != "none"


def configuration(workspace: Workspace | None) -> dict[str, Any]:
    """UPSTREAM a.1's keys, as far as they mean something here."""
    return {
        **models(),
        **reranking(),
        **ingestion(),
        **STORAGE,
        "workspace": workspace.name if workspace else "",
        "storage_workspaces": dict.fromkeys(STORAGE),
        "max_graph_nodes": settings.LIGHTRAG.server.max_graph_nodes,
        "enable_llm_cache": settings.LIGHTRAG.query.llm_cache,
        "cosine_threshold": settings.LIGHTRAG.query.cosine_threshold,
        "related_chunk_number": settings.LIGHTRAG.query.related_chunks,
        "parser_routing": "",
        "mineru": {"endpoint": "", "api_mode": None, "options": {}},
        "docling": {"endpoint": "", "options": {}},
        "vlm_process_enable": False,
    }


def models() -> dict[str, Any]:
    """Language and embedding models."""
    config = settings.LIGHTRAG
    chat, embedding = config.query_llm, config.embedding
    return {
        "llm_binding": chat.binding,
        "llm_binding_host": public_host(chat.host),
        "llm_model": chat.model,
        "max_async": chat.max_async,
        "llm_timeout": chat.timeout,
        "embedding_binding": embedding.binding,
        "embedding_binding_host": public_host(embedding.host),
        "embedding_model": embedding.model,
        "embedding_dim": embedding.dimensions,
        "embedding_func_max_async": embedding.max_async,
        "embedding_batch_num": embedding.batch_size,
        "embedding_timeout": embedding.timeout,
        "role_llm_config": {
            "extract": role(config.extract_llm),
            "keyword": role(config.keyword_llm),
            "query": role(config.query_llm),
            "vlm": role(ChatConfig()),
        },
    }


def role(config: ChatConfig) -> dict[str, Any]:
    """One model in one role, without its key."""
    base = settings.LIGHTRAG.query_llm
    return {
        "binding": config.binding,
        "model": config.model,
        "host": public_host(config.host),
        "is_cross_provider": config.binding not in ("none", base.binding),
        "max_async": config.max_async,
        "timeout": config.timeout,
        "has_model_kwargs": bool(config.options),
        "metadata": {"base_binding": base.binding, "binding": config.binding},
    }


def reranking() -> dict[str, Any]:
    """The reranker."""
    rerank = settings.LIGHTRAG.rerank
    return {
        "enable_rerank": rerank.binding != "null",
        "rerank_binding": rerank.binding,
        "rerank_model": rerank.model or None,
        "rerank_binding_host": public_host(rerank.host) or None,
        "rerank_max_async": rerank.max_async,
        "rerank_timeout": rerank.timeout,
        "min_rerank_score": rerank.min_score,
    }


def ingestion() -> dict[str, Any]:
    """Extraction and merging."""
    ingest = settings.LIGHTRAG.ingest
    return {
        "summary_max_tokens": ingest.summary_max_tokens,
        "summary_context_size": ingest.summary_context_tokens,
        "summary_language": ingest.language,
        "force_llm_summary_on_merge": ingest.summary_fragments,
        "enable_llm_cache_for_extract": ingest.llm_cache,
        "max_parallel_insert": settings.LIGHTRAG.server.workers,
        "chunk_token_size": ingest.chunk_size,
        "chunk_overlap_token_size": ingest.chunk_overlap,
        "chunk_strategy": ingest.chunk_strategy,
        "max_gleaning": ingest.max_gleaning,
    }


def public_host(address: str) -> str:
    """An address without the user and password it may carry."""
    parts = urlsplit(address)
    if not parts.username and not parts.password:
        return address
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def reachable(find: Any) -> Workspace | None:
    """The workspace, or None where the database does not answer."""
    try:
        workspace: Workspace = find()
    except DatabaseError:
        return None
    return workspace
