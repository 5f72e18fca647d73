"""A question's first steps, for which models may be asked: its keywords, its vectors."""

from __future__ import annotations

from django.conf import settings

from documents.models import Workspace
from retrieval.context import rerank
from retrieval.llm.registry import configured_models
from retrieval.query import answer_cache, generation, keywords, prompts, token_usage
from retrieval.query.keywords import Keywords
from retrieval.query.model_request import Asked
from retrieval.query.trace import Clock
from retrieval.search import params as parameters
from retrieval.search import question as questions
from retrieval.search.params import Mode, QueryParams
from retrieval.search.question import Question, Vectors

RERANK_CANDIDATES = 100
"""Passages a reranker is shown: providers bill by the hundred."""


async def understand(
    workspace: Workspace, params: QueryParams, clock: Clock
) -> Question:
    """All that the search needs to know. Raises the models' `LLMError`s."""
    with clock.step("keywords"):
        found = await find_keywords(workspace, params, clock)
    with clock.step("embedding"):
        vectors = await embed(workspace, params.mode, params.query, found)
    limits = parameters.limits(params, settings.LIGHTRAG.query)
    reranked = rerank.model_for(params) is not None
    return Question(
        workspace_id=workspace.pk,
        model=workspace.embedding_model,
        dimensions=workspace.embedding_dimensions,
        text=params.query,
        mode=params.mode,
        keywords=found,
        vectors=vectors,
        limits=limits,
        candidates=max(limits.chunk_top_k, RERANK_CANDIDATES if reranked else 0),
        filters=params.filters,
    )


async def embed(
    workspace: Workspace, mode: Mode, text: str, found: Keywords
) -> Vectors:
    """One call to the embedding model; none for `bypass`, which looks for nothing."""
    if mode is Mode.BYPASS:
        return Vectors("", "", "")
    return await questions.embed(
        configured_models.embedder(workspace.embedding_model),
        questions.phrases(text, found),
        workspace.embedding_dimensions,
    )


async def find_keywords(
    workspace: Workspace, params: QueryParams, clock: Clock
) -> Keywords:
    """The caller's, the remembered, the model's, or the question itself."""
    model = keywords.model_for(params)
    if model is None:
        return keywords.without_model(params)
    request = prompts.keyword_request(params.query, settings.LIGHTRAG.ingest.language)
    asked = Asked(model, request)
    slot = answer_cache.for_keywords(workspace, asked, params)
    completion = await generation.complete(asked, slot)
    spent = token_usage.of_call(completion, request, completion.text)
    clock.tokens["keywords"] = spent.total
    return keywords.read(completion.text, params)
