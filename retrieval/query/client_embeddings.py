"""Vectors that a client asks for by themselves, on the account of its workspace."""

from __future__ import annotations

from collections.abc import Sequence

from documents.models import Workspace
from retrieval.llm.base import Vectors
from retrieval.llm.registry import configured_models
from retrieval.query.trace import Clock


async def embed(
    workspace: Workspace, texts: Sequence[str], *, as_queries: bool = False
) -> Vectors:
    """One row a text, in order; raises what the provider fails at."""
    model = configured_models.embedder()
    ask = model.embed_queries if as_queries else model.embed_documents
    clock = Clock(workspace.pk)
    try:
        with clock.step("embedding"):
            return await ask(texts)
    finally:
        await clock.settle()
