"""A question's keywords: what it is about, and the names in it (docs/lightrag.md B.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from retrieval.llm.base import ChatModel
from retrieval.llm.chat import json_answer
from retrieval.llm.errors import BadAnswer
from retrieval.llm.registry import configured_models
from retrieval.search.params import QueryParams

_PARTS = re.compile(r"[\n,;，；、]")


@dataclass(frozen=True, slots=True)
class Keywords:
    """`high` are themes that relations are about, `low` the things that entities are."""

    high: tuple[str, ...] = ()
    low: tuple[str, ...] = ()


def model_for(params: QueryParams) -> ChatModel | None:
    """The model to ask; None where the caller or the question itself gives them."""
    given = params.hl_keywords or params.ll_keywords
    off = settings.LIGHTRAG.query.keyword_extraction.lower() == "none"
    if given or off or not params.searches_graph:
        return None
    return configured_models.keyword_chat()


def without_model(params: QueryParams) -> Keywords:
    """The caller's keywords, or else the question as both lists."""
    if not params.searches_graph:
        return Keywords()
    if params.hl_keywords or params.ll_keywords:
        return Keywords(params.hl_keywords, params.ll_keywords)
    return Keywords((params.query,), (params.query,))


def read(answer: str, params: QueryParams) -> Keywords:
    """A model's answer. One that names nothing leaves the question to find its own way."""
    try:
        parsed = json_answer.parse(answer)
    except BadAnswer:
        return without_model(params)
    found = Keywords(
        _words(parsed.get("high_level_keywords")),
        _words(parsed.get("low_level_keywords")),
    )
    return found if found.high or found.low else without_model(params)


def _words(value: Any) -> tuple[str, ...]:
    listed = _PARTS.split(value) if isinstance(value, str) else value
    if not isinstance(listed, list):
        return ()
    words = [word.strip() for word in listed if isinstance(word, str)]
    return tuple(dict.fromkeys(word for word in words if word))
