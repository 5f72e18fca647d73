"""Extract a question's keywords: its themes, and the names in it (docs/lightrag.md B.2)."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings

from documents.models import Workspace
from retrieval.llm.base import ChatModel
from retrieval.llm.chat import json_answer
from retrieval.llm.errors import BadAnswer
from retrieval.llm.registry import configured_models
from retrieval.query import answer_cache, generation, prompts, token_usage
from retrieval.query.model_request import ModelRequest
from retrieval.query_trace import QueryTrace
from retrieval.search.params import QueryParams
from retrieval.search.question import Keywords

_SEPARATORS = re.compile(r"[\n,;，；、]")


async def extract(
    workspace: Workspace, params: QueryParams, trace: QueryTrace
) -> Keywords:
    """Return keywords from the caller, the cache, a model, or the question itself."""
    model = model_for(params)
    if model is None:
        return without_model(params)
    request = prompts.keyword_request(params.query, settings.LIGHTRAG.ingest.language)
    sent = ModelRequest(model, request)
    slot = answer_cache.for_keywords(workspace, sent, params)
    completion = await generation.complete(sent, slot)
    usage = token_usage.of_call(completion, request, completion.text)
    trace.tokens["keywords"] = usage.total
    return parse(completion.text, params)


def model_for(params: QueryParams) -> ChatModel | None:
    """Return the model to call; None if the caller gave keywords or none are needed."""
    given = params.hl_keywords or params.ll_keywords
    off = settings.LIGHTRAG.query.keyword_extraction.lower() == "none"
    if given or off or not params.searches_graph:
        return None
    return configured_models.keyword_chat()


def without_model(params: QueryParams) -> Keywords:
    """Return the caller's keywords, or the question as both lists."""
    if not params.searches_graph:
        return Keywords()
    if params.hl_keywords or params.ll_keywords:
        return Keywords(params.hl_keywords, params.ll_keywords)
    return Keywords((params.query,), (params.query,))


def parse(answer: str, params: QueryParams) -> Keywords:
    """Return the keywords in a model's answer; if it has none, `without_model`."""
    try:
        parsed = json_answer.parse(answer)
    except BadAnswer:
        return without_model(params)
    keywords = Keywords(
        _words(parsed.get("high_level_keywords")),
        _words(parsed.get("low_level_keywords")),
    )
    return keywords if keywords.high or keywords.low else without_model(params)


def _words(value: Any) -> tuple[str, ...]:
    items = _SEPARATORS.split(value) if isinstance(value, str) else value
    if not isinstance(items, list):
        return ()
    words = [word.strip() for word in items if isinstance(word, str)]
    return tuple(dict.fromkeys(word for word in words if word))
