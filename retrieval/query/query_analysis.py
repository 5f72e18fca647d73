"""Analyse a question: extract its keywords, embed it, and set its limits."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings

from documents.models import Workspace
from documents.workspaces import lookup
from retrieval.context import rerank
from retrieval.db_thread import run_in_db
from retrieval.llm.registry import configured_models
from retrieval.query import keywords, question_slots
from retrieval.query_trace import QueryTrace
from retrieval.search import params as parameters
from retrieval.search import question as questions
from retrieval.search.params import Mode, QueryParams
from retrieval.search.question import Keywords, Question, Vectors

RERANK_CANDIDATES = 100
"""Number of chunks sent to a reranker: providers bill per hundred."""


async def analyse(
    workspace: Workspace, params: QueryParams, trace: QueryTrace
) -> Question:
    """Return the question with its keywords and vectors. Raises `LLMError`."""
    with trace.step("keywords"):
        terms = await keywords.extract(workspace, params, trace)
    with trace.step("embedding"):
        vectors = await _embed(workspace, params.mode, terms.question, terms.keywords)
    limits = parameters.limits(params, settings.LIGHTRAG.query)
    enabled = rerank.is_enabled(params)
    reranker = configured_models.reranker() if enabled else None
    return Question(
        workspace_id=workspace.pk,
        model=workspace.embedding_model,
        dimensions=workspace.embedding_dimensions,
        text=terms.question,
        mode=params.mode,
        keywords=terms.keywords,
        vectors=vectors,
        limits=limits,
        candidates=max(limits.chunk_top_k, RERANK_CANDIDATES if reranker else 0),
        filters=params.filters,
        rerank=enabled,
        reranker=reranker,
        original=params.query,
    )


async def embed_again(question: Question) -> Question:
    """Return the question embedded by the model that its workspace uses now."""
    workspace = await run_in_db(lookup.by_id, question.workspace_id)
    return replace(
        question,
        model=workspace.embedding_model,
        dimensions=workspace.embedding_dimensions,
        vectors=await _embed(
            workspace, question.mode, question.text, question.keywords
        ),
    )


async def _embed(
    workspace: Workspace, mode: Mode, text: str, keywords: Keywords
) -> Vectors:
    """Embed the question and its keywords in one call.

    The mode `bypass` does not search, so it needs no vectors.
    """
    if mode is Mode.BYPASS:
        return Vectors("", "", "")
    async with question_slots.slots.slot():
        return await questions.embed(
            configured_models.embedder(workspace.embedding_model),
            questions.texts_to_embed(text, keywords),
            workspace.embedding_dimensions,
        )
