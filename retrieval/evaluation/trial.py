"""One question put to one mode, and what came of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from documents.models import Workspace
from retrieval.context import build_context
from retrieval.context.prompt_context import Context
from retrieval.evaluation.questions import GoldQuestion
from retrieval.llm import tokens
from retrieval.llm.base import ChatModel, Completion
from retrieval.query import (
    generation,
    keywords,
    query_analysis,
    reply,
    search_with_retry,
)
from retrieval.query.search_with_retry import Look
from retrieval.query.trace import Clock
from retrieval.search import modes, retrievers, search_transaction
from retrieval.search.evidence import Evidence
from retrieval.search.params import Mode, QueryParams
from retrieval.search.question import Question

LEXICAL = "lexical"
"""Passages by words alone: no mode of a query, but what others are compared with."""
WITHOUT_KEYWORDS = "-nokw"
"""Ends the name of a mode that is to ask no model for keywords."""
NO_ANSWER = Completion("")
NAMES = (LEXICAL, *(mode.value for mode in Mode if mode is not Mode.BYPASS))


@dataclass(frozen=True, slots=True)
class Trial:
    """`ranking`: for each passage, best first, the names it goes by: chunk and document.

    `tokens` of the context; `search` of the `seconds` were the database's. `answer`, and
    the `answer_tokens` that were paid for it (prompt and completion), are empty where no
    model was asked; `known` is the answer it should have given.
    """

    question: str
    gold: frozenset[str]
    ranking: tuple[tuple[str, str], ...]
    tokens: int
    model_calls: int
    seconds: float
    search: float
    answer: str = ""
    known: str = ""
    answer_tokens: int = 0


async def run(
    workspace: Workspace, asked: GoldQuestion, name: str, model: ChatModel | None = None
) -> Trial:
    """Search as a query in this mode would; with a model, answer too.

    Only a question whose answer is known is answered. Nothing is kept in the cache, so
    that the cost is a query's own.
    """
    clock, started = Clock(workspace.pk), time.monotonic()
    params = _params(asked.question, name)
    calls = int(keywords.model_for(params) is not None)
    question = await query_analysis.understand(workspace, params, clock)
    with clock.step("search"):
        evidence = await search_with_retry.find(question, _look(name))
    found = await build_context.weigh(question, params, evidence, clock)
    said = await _answer(params, found, model) if asked.answer else NO_ANSWER
    return Trial(
        question=asked.question,
        gold=asked.gold,
        ranking=tuple((p.chunk_id, p.file_path) for p in found.passages),
        tokens=tokens.count(found.text),
        model_calls=calls + bool(said.text),
        seconds=time.monotonic() - started,
        search=clock.steps["search"],
        answer=said.text,
        known=asked.answer,
        answer_tokens=said.prompt_tokens + said.completion_tokens,
    )


async def _answer(
    params: QueryParams, found: Context, model: ChatModel | None
) -> Completion:
    asked = reply.choose(params, found, model) if model else ""
    return (
        NO_ANSWER if isinstance(asked, str) else await generation.complete(asked, None)
    )


def _params(question: str, name: str) -> QueryParams:
    mode = Mode.NAIVE if name == LEXICAL else Mode(name.removesuffix(WITHOUT_KEYWORDS))
    params = QueryParams(question, mode)
    if not name.endswith(WITHOUT_KEYWORDS):
        return params
    return replace(params, hl_keywords=(question,), ll_keywords=(question,))


def _look(name: str) -> Look:
    return _by_words if name == LEXICAL else modes.look


def _by_words(question: Question) -> Evidence:
    with search_transaction.tuned(question) as tuned:
        return modes.gather(tuned, retrievers.WORDS)
