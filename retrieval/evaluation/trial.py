"""Trials: the results and the cost of one question in one search mode."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace

from documents.models import Workspace
from retrieval.context.prompt_context import Context
from retrieval.evaluation import judge
from retrieval.evaluation.judge import Judgement
from retrieval.evaluation.questions import GoldQuestion
from retrieval.llm import tokens
from retrieval.llm.base import ChatModel, Completion
from retrieval.llm.errors import BadAnswer
from retrieval.query import answer, generation, keywords, model_request
from retrieval.query.model_request import ModelRequest
from retrieval.query_trace import QueryTrace
from retrieval.search import modes, retrievers, search_transaction
from retrieval.search.evidence import Evidence
from retrieval.search.params import Mode, QueryParams
from retrieval.search.question import Question

logger = logging.getLogger(__name__)

LEXICAL = "lexical"
"""Chunks by words alone: not a query mode, but a baseline for comparison."""
WITHOUT_KEYWORDS = "-nokw"
"""Suffix of a mode that calls no model for keywords."""
NO_ANSWER = Completion("")
NAMES = (LEXICAL, *(mode.value for mode in Mode if mode is not Mode.BYPASS))


@dataclass(frozen=True, slots=True)
class Trial:
    """Result of one question in one mode.

    `ranking` holds chunk id and document name of each chunk, best first; `tokens` is the
    size of the context. `search` is the part of `seconds` that the database took.
    `answer` and `answer_tokens` (prompt and completion) are empty if no model answered;
    `expected` is the known answer. `judgement` is None if there is no judge, no answer, or
    if the judge's answer could not be read.
    """

    question: str
    gold: frozenset[str]
    ranking: tuple[tuple[str, str], ...]
    tokens: int
    model_calls: int
    seconds: float
    search: float
    answer: str = ""
    expected: str = ""
    answer_tokens: int = 0
    judgement: Judgement | None = None


async def run(
    workspace: Workspace,
    gold: GoldQuestion,
    name: str,
    model: ChatModel | None = None,
    *,
    judged: bool = False,
) -> Trial:
    """Search as a query in this mode would; with a model, answer too.

    Only a question whose answer is known, or is `judged` by the same model, is answered.
    Answers are not cached, so the cost is that of the query; the judge's is not included.
    """
    trace, started = QueryTrace(workspace.pk), time.monotonic()
    params = _params(gold.question, name)
    keyword_calls = int(keywords.model_for(params) is not None)
    find = _by_words if name == LEXICAL else modes.find
    context = await answer.build_context(workspace, params, trace, find)
    completion = NO_ANSWER
    if gold.answer or judged:
        completion = await _answer(params, context, model)
    seconds = time.monotonic() - started
    judgement = None
    if judged and model and completion.text:
        judgement = await _judge(model, gold.question, context, completion.text)
    return Trial(
        question=gold.question,
        gold=gold.gold,
        ranking=tuple((chunk.chunk_id, chunk.file_path) for chunk in context.chunks),
        tokens=tokens.count(context.text),
        model_calls=keyword_calls + bool(completion.text),
        seconds=seconds,
        search=trace.steps["search"],
        answer=completion.text,
        expected=gold.answer,
        answer_tokens=completion.prompt_tokens + completion.completion_tokens,
        judgement=judgement,
    )


async def _judge(
    model: ChatModel, question: str, context: Context, text: str
) -> Judgement | None:
    try:
        return await judge.judge(model, question, context, text)
    except BadAnswer as error:
        logger.warning("An answer could not be judged: %s", error)
        return None


async def _answer(
    params: QueryParams, context: Context, model: ChatModel | None
) -> Completion:
    request = await model_request.choose(params, context, model) if model else None
    if not isinstance(request, ModelRequest):
        return NO_ANSWER
    return await generation.complete(request, None)


def _params(question: str, name: str) -> QueryParams:
    mode = Mode.NAIVE if name == LEXICAL else Mode(name.removesuffix(WITHOUT_KEYWORDS))
    params = QueryParams(question, mode)
    if not name.endswith(WITHOUT_KEYWORDS):
        return params
    return replace(params, hl_keywords=(question,), ll_keywords=(question,))


def _by_words(question: Question) -> Evidence:
    with search_transaction.begin(question) as prepared:
        return modes.gather(prepared, retrievers.CHUNKS_BY_WORDS)
