"""Embeddings that clients request directly; the workspace pays for the calls."""

from __future__ import annotations

from collections.abc import Sequence

from documents.models import Workspace
from retrieval.llm.base import Vectors
from retrieval.llm.registry import configured_models
from retrieval.query_trace import QueryTrace


async def embed(
    workspace: Workspace, texts: Sequence[str], *, as_queries: bool = False
) -> Vectors:
    """Return one row per text, in order. Raises the model's `LLMError`s."""
    await configured_models.load()
    model = configured_models.embedder()
    embed_texts = model.embed_queries if as_queries else model.embed_documents
    trace = QueryTrace(workspace.pk)
    try:
        with trace.step("embedding"):
            return await embed_texts(texts)
    finally:
        await trace.save_calls()
