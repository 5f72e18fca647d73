"""Determine what is searched for a question: its keywords, and the question itself.

Keywords are its themes and the names in it (docs/lightrag.md B.2). A follow-up question
is rewritten so that it can be understood without the conversation.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from documents.models import Workspace
from retrieval.llm.base import ChatModel
from retrieval.llm.chat import json_answer
from retrieval.llm.errors import BadAnswer, RequestRefused
from retrieval.llm.registry import configured_models
from retrieval.query import (
    answer_cache,
    follow_up,
    generation,
    prompts,
    token_usage,
)
from retrieval.query.model_request import ModelRequest
from retrieval.query_trace import QueryTrace
from retrieval.search.params import Mode, QueryParams
from retrieval.search.question import Keywords

logger = logging.getLogger(__name__)

_SEPARATORS = re.compile(r"[\n,;，；、]")
MAX_QUESTION_CHARS = 2000
"""Upper bound on the characters of a question that a model has rewritten."""


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What is searched: a question without references to earlier ones, and keywords."""

    question: str
    keywords: Keywords


async def extract(
    workspace: Workspace, params: QueryParams, trace: QueryTrace
) -> SearchTerms:
    """Return search terms from the caller, the cache, a model, or the question itself.

    If the model refuses the request or its answer is empty, the question is searched.
    """
    model = model_for(params)
    if model is None:
        return without_model(params)
    language = settings.LIGHTRAG.ingest.language
    request = prompts.keyword_request(params.query, language, params.history)
    sent = ModelRequest(model, request)
    entry = answer_cache.for_keywords(workspace, sent, params)
    try:
        completion = await generation.complete(sent, entry, trace)
    except (BadAnswer, RequestRefused) as error:
        logger.warning("No keywords, the question itself is searched: %s", error)
        return without_model(params)
    usage = token_usage.of_call(completion, request, completion.text)
    trace.tokens["keywords"] = usage.total
    return parse(completion.text, params)


def model_for(params: QueryParams) -> ChatModel | None:
    """Return the model to call; None if the caller gave keywords or none are needed.

    Mode naive has no keywords, but its follow-up questions are rewritten.
    """
    has_keywords = params.hl_keywords or params.ll_keywords
    off = settings.LIGHTRAG.query.keyword_extraction.lower() == "none"
    if has_keywords or off or params.mode is Mode.BYPASS:
        return None
    if not params.searches_graph and not _is_follow_up(params):
        return None
    return configured_models.keyword_chat()


def _is_follow_up(params: QueryParams) -> bool:
    return bool(params.history) and follow_up.is_follow_up(params.query)


def without_model(params: QueryParams) -> SearchTerms:
    """Return the question after those it refers to, and the caller's keywords.

    Without keywords, the question is used as both lists.
    """
    question = follow_up.with_earlier_questions(params.query, params.history)
    if not params.searches_graph:
        return SearchTerms(question, Keywords())
    if params.hl_keywords or params.ll_keywords:
        return SearchTerms(question, Keywords(params.hl_keywords, params.ll_keywords))
    return SearchTerms(question, Keywords((question,), (question,)))


def parse(answer: str, params: QueryParams) -> SearchTerms:
    """Return the terms in a model's answer, and those of `without_model` it lacks."""
    terms = without_model(params)
    try:
        parsed = json_answer.parse(answer)
    except BadAnswer:
        return terms
    if not isinstance(parsed, dict):
        return terms
    question = _standalone(parsed.get("standalone_question"), params)
    keywords = Keywords(
        _words(parsed.get("high_level_keywords")),
        _words(parsed.get("low_level_keywords")),
    )
    if not params.searches_graph:
        keywords = Keywords()
    elif not (keywords.high or keywords.low):
        keywords = Keywords((question,), (question,)) if question else terms.keywords
    return SearchTerms(question or terms.question, keywords)


def _standalone(value: Any, params: QueryParams) -> str:
    """Return the rewritten question; empty without a conversation or a usable text."""
    if not params.history or not isinstance(value, str):
        return ""
    text = " ".join(value.split())
    return text if _has_word(text) and len(text) <= MAX_QUESTION_CHARS else ""


def _words(value: Any) -> tuple[str, ...]:
    """Return the distinct words of a list or a text, without placeholders (`...`)."""
    items = _SEPARATORS.split(value) if isinstance(value, str) else value
    if not isinstance(items, list):
        return ()
    words = [word.strip() for word in items if isinstance(word, str)]
    return tuple(dict.fromkeys(word for word in words if _has_word(word)))


def _has_word(text: str) -> bool:
    return any(letter.isalnum() for letter in text)
