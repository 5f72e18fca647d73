"""The server's configuration as `/health` reports it to trusted callers.

The keys are LightRAG's, docs/lightrag.md A.1.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from documents.models import Workspace
from retrieval.llm.config import ChatConfig

STORAGE = {
    "kv_storage": "PostgreSQL",
    "doc_status_storage": "PostgreSQL",
    "graph_storage": "PostgreSQL with Apache AGE",
    "vector_storage": "PostgreSQL with pgvector",
}


def configuration(workspace: Workspace | None) -> dict[str, Any]:
    """Return the keys of docs/lightrag.md A.1 that apply to this server."""
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
        **parsers(),
        "vlm_process_enable": settings.LIGHTRAG.ingest.vlm,
    }


def parsers() -> dict[str, Any]:
    """Return the parser rules and the services that parse files."""
    docling, mineru = settings.LIGHTRAG.docling, settings.LIGHTRAG.mineru
    return {
        "parser_routing": settings.LIGHTRAG.ingest.parser_rules,
        "mineru": {
            "endpoint": public_host(mineru.endpoint),
            "api_mode": "local" if mineru.endpoint else None,
            "options": {},
        },
        "docling": {"endpoint": public_host(docling.endpoint), "options": {}},
    }


def models() -> dict[str, Any]:
    """Return the settings of the language and embedding models."""
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
            "vlm": role(config.vlm_llm),
        },
    }


def role(config: ChatConfig) -> dict[str, Any]:
    """Return the settings of the model of one role, without its API key."""
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
    """Return the settings of the reranker."""
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
    """Return the settings of extraction and merging."""
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
    """Return the address without the user and password that it may contain."""
    parts = urlsplit(address)
    if not parts.username and not parts.password:
        return address
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
