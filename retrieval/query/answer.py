"""THE READ PATH: question -> keywords -> search -> context -> answer.

Models are asked between the steps and the database is read inside them, never both at
once. What a provider fails at is raised as its `retrieval.llm.errors` error.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from django.conf import settings

from documents.models import Workspace
from retrieval.context import build_context, rerank
from retrieval.context.prompt_context import Context
from retrieval.db_thread import in_database
from retrieval.llm.base import Ending
from retrieval.llm.registry import configured_models
from retrieval.llm.usage import daily_budget, recorder
from retrieval.query import (
    answer_cache,
    generation,
    query_analysis,
    reply,
    search_with_retry,
)
from retrieval.query.events import Answer, Delta, Event, Finished, Progress, References
from retrieval.query.model_request import Asked
from retrieval.query.trace import Clock
from retrieval.search import modes, sources
from retrieval.search.params import Mode, QueryParams


async def ask(workspace: Workspace, params: QueryParams) -> Answer:
    """The whole answer with its references."""
    await _keep_to_budget()
    clock = Clock(workspace.pk)
    try:
        return await _answer(workspace, params, clock)
    finally:
        await clock.settle()


async def _answer(workspace: Workspace, params: QueryParams, clock: Clock) -> Answer:
    found = await _find(workspace, params, clock)
    chosen = reply.choose(params, found, configured_models.query_chat())
    slot = answer_cache.for_answer(workspace, chosen, params)
    with clock.step("generation"):
        said = await generation.complete(chosen, slot)
    asked = chosen.request if isinstance(chosen, Asked) else None
    return Answer(
        said.text,
        found.references,
        clock.seconds,
        llm_generated=asked is not None,
        truncated=said.truncated,
        asked=asked,
        completion=said if asked else None,
    )


async def stream(
    workspace: Workspace, params: QueryParams
) -> AsyncGenerator[Event, None]:
    """Progress, the references, the answer in pieces, its time.

    Close it (`contextlib.aclosing`) when reading ends early: it holds a model's stream.
    """
    await _keep_to_budget()
    clock = Clock(workspace.pk)
    try:
        async with aclosing(_streamed(workspace, params, clock)) as events:
            async for event in events:
                yield event
    finally:
        await clock.settle()


async def _streamed(
    workspace: Workspace, params: QueryParams, clock: Clock
) -> AsyncGenerator[Event, None]:
    if params.searches_graph:
        yield Progress("extracting_keywords")
    question = await query_analysis.understand(workspace, params, clock)
    for step in modes.steps(params.mode):
        yield Progress(step)
    with clock.step("search"):
        evidence = await search_with_retry.find(question)
    if params.mode is not Mode.BYPASS and rerank.wanted(params):
        yield Progress("reranking")
    found = await build_context.weigh(question, params, evidence, clock)
    chosen = reply.choose(params, found, configured_models.query_chat())
    asked = chosen.request if isinstance(chosen, Asked) else None
    if asked:
        yield Progress("generating_response")
    yield References(found.references, found)
    slot = answer_cache.for_answer(workspace, chosen, params)
    recorder.set_workspace(workspace.pk)
    ending = Ending()
    async with aclosing(generation.stream(chosen, slot, clock)) as pieces:
        async for piece in pieces:
            if isinstance(piece, Ending):
                ending = piece
            else:
                yield Delta(piece)
    yield Finished(
        clock.seconds, llm_generated=asked is not None, asked=asked, ending=ending
    )


async def retrieve(workspace: Workspace, params: QueryParams) -> Context:
    """What a question finds, and where each entity and relation was said."""
    await _keep_to_budget()
    clock = Clock(workspace.pk)
    try:
        found = await _find(workspace, params, clock)
    finally:
        await clock.settle()
    return await in_database(sources.add, found, params.filters)


async def _keep_to_budget() -> None:
    if settings.LIGHTRAG.query.enforce_budget:
        await in_database(daily_budget.allow_question)


async def _find(workspace: Workspace, params: QueryParams, clock: Clock) -> Context:
    question = await query_analysis.understand(workspace, params, clock)
    with clock.step("search"):
        evidence = await search_with_retry.find(question)
    return await build_context.weigh(question, params, evidence, clock)
