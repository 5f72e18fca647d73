"""The read path: question → keywords and vectors → search → context → answer.

Models are called between the steps and the database is read within them, never both at
once. A provider's failure is raised as an error of `retrieval.llm.errors`.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from django.conf import settings

from documents.models import Workspace
from retrieval.context import graph_sources, prompt_context
from retrieval.context.prompt_context import Context
from retrieval.context.support import NO_VERDICTS
from retrieval.db_thread import run_in_db
from retrieval.llm.base import Ending, Reasoning
from retrieval.llm.errors import ContextTooLong
from retrieval.llm.registry import configured_models
from retrieval.llm.usage import ledger
from retrieval.query import (
    answer_cache,
    generation,
    model_request,
    prompts,
    query_analysis,
    question_slots,
    relevance,
    support_judge,
)
from retrieval.query.events import (
    Answer,
    Delta,
    Event,
    Finished,
    Progress,
    ReasoningDelta,
    References,
)
from retrieval.query.model_request import ModelRequest
from retrieval.query_trace import QueryTrace
from retrieval.search import modes
from retrieval.search.evidence import Evidence
from retrieval.search.params import Mode, QueryParams
from retrieval.search.question import Question
from retrieval.search.search_transaction import ModelChanged

Find = Callable[[Question], Evidence]
logger = logging.getLogger(__name__)


async def ask(workspace: Workspace, params: QueryParams) -> Answer:
    """Return the whole answer with its references."""
    text: list[str] = []
    reasoning: list[str] = []
    references, finished = References(()), Finished(0.0, llm_generated=False)
    async with aclosing(stream(workspace, params, whole=True)) as events:
        async for event in events:
            match event:
                case References():
                    references = event
                case ReasoningDelta(thought):
                    reasoning.append(thought)
                case Delta(piece):
                    text.append(piece)
                case Finished():
                    finished = event
    return finished.answer("".join(text), references.listed, "".join(reasoning))


async def stream(
    workspace: Workspace, params: QueryParams, *, whole: bool = False
) -> AsyncGenerator[Event, None]:
    """Yield progress, the references, the answer in pieces, and the final statistics.

    With `whole` the answer is requested in one piece. Close the generator
    (`contextlib.aclosing`) if you stop early: it holds the model's stream.
    """
    await _begin()
    trace = QueryTrace(workspace.pk)
    try:
        async with aclosing(_answer(workspace, params, trace, whole=whole)) as events:
            async for event in events:
                yield event
    finally:
        await trace.save_calls()


async def retrieve(workspace: Workspace, params: QueryParams) -> Context:
    """Return the context of the answer, with the sources of entities and relations."""
    await _begin()
    trace = QueryTrace(workspace.pk)
    try:
        context = await build_context(workspace, params, trace)
    finally:
        await trace.save_calls()
    return await run_in_db(graph_sources.add, context, params.filters)


async def build_context(
    workspace: Workspace,
    params: QueryParams,
    trace: QueryTrace,
    find: Find = modes.find,
) -> Context:
    """Return the context of the answer; `find` searches the database."""
    context = Context(params.mode)
    async with aclosing(_search(workspace, params, trace, find)) as events:
        async for event in events:
            if isinstance(event, References):
                context = event.context or context
    return context


async def _answer(
    workspace: Workspace, params: QueryParams, trace: QueryTrace, *, whole: bool
) -> AsyncGenerator[Event, None]:
    context = Context(params.mode)
    async with aclosing(_search(workspace, params, trace, modes.find)) as events:
        async for event in events:
            if isinstance(event, References):
                context = event.context or context
            else:
                yield event
    for attempt in (context, prompt_context.halved(context)):
        has_begun = False
        try:
            generated = _generate(workspace, params, attempt, trace, whole=whole)
            async with aclosing(generated):
                async for item in generated:
                    has_begun |= isinstance(item, Delta | ReasoningDelta)
                    yield item
            return
        except ContextTooLong as error:
            if has_begun or attempt is not context or context.is_empty:
                raise
            logger.warning("Asking again with half of the sources: %s", error)


async def _generate(
    workspace: Workspace,
    params: QueryParams,
    context: Context,
    trace: QueryTrace,
    *,
    whole: bool,
) -> AsyncGenerator[Event, None]:
    request = await _choose_request(workspace, params, context, trace)
    sent = request.request if isinstance(request, ModelRequest) else None
    if sent:
        yield Progress("generating_response")
    yield References(context.references, context)
    entry = answer_cache.for_answer(workspace, request, params)
    ledger.set_workspace(workspace.pk)
    ending, written = Ending(), list[str]()
    pieces = generation.stream(request, entry, trace, whole=whole)
    if sent and settings.LIGHTRAG.query.withhold_unsupported and not sent.json_schema:
        pieces = generation.without_unsupported(pieces, context.references)
    async with aclosing(pieces):
        async for piece in pieces:
            match piece:
                case Ending():
                    ending = piece
                case Reasoning(thought):
                    yield ReasoningDelta(thought)
                case text:
                    written.append(text)
                    yield Delta(text)
    verdicts = NO_VERDICTS
    if isinstance(request, ModelRequest) and support_judge.is_enabled(request):
        with trace.step("support"):
            verdicts = await support_judge.verdicts(
                request.model,
                "".join(written),
                context.references,
                lambda call: answer_cache.for_answer(workspace, call, params),
            )
    yield Finished(
        trace.seconds,
        llm_generated=sent is not None,
        request=sent,
        ending=ending,
        verdicts=verdicts,
    )


async def _choose_request(
    workspace: Workspace, params: QueryParams, context: Context, trace: QueryTrace
) -> str | ModelRequest:
    """Return the answer's text, or the request to the configured model."""
    model = configured_models.query_chat()
    if model or not context.chunks:
        return await model_request.choose(params, context, model)
    embedder = configured_models.embedder(workspace.embedding_model)
    with trace.step("quotations"):
        return await model_request.choose(params, context, None, embedder)


async def _search(
    workspace: Workspace, params: QueryParams, trace: QueryTrace, find: Find
) -> AsyncGenerator[Progress | References, None]:
    """Yield the steps as they begin, then the references with their context."""
    if params.searches_graph:
        yield Progress("extracting_keywords")
    question = await query_analysis.analyse(workspace, params, trace)
    for step in modes.steps(params.mode):
        yield Progress(step)
    with trace.step("search"):
        evidence = await _find(question, find)
    with trace.step("relevance"):
        evidence = await relevance.keep_relevant(question, evidence)
    if question.rerank and params.mode is not Mode.BYPASS:
        yield Progress("reranking")
    instructions = prompts.instructions(params)
    context = await prompt_context.build(question, evidence, instructions, trace)
    yield References(context.references, context)


async def _find(question: Question, find: Find) -> Evidence:
    """Search; embed the question again if the workspace's embedding model has changed.

    Raises UnknownWorkspace if the workspace has been deleted.
    """
    while True:
        try:
            async with question_slots.slots.slot():
                return await run_in_db(find, question)
        except ModelChanged:
            question = await query_analysis.embed_again(question)


async def _begin() -> None:
    """Load the models, and raise an error if the daily budget is spent."""
    await configured_models.load()
    if settings.LIGHTRAG.query.enforce_budget:
        await run_in_db(ledger.allow_question)
