"""What a context is answered with: words that stand already, or a request to a model."""

from __future__ import annotations

from django.conf import settings

from retrieval.context import extractive
from retrieval.context.prompt_context import Context
from retrieval.llm.base import ChatModel
from retrieval.llm.errors import NotConfigured
from retrieval.query import prompts
from retrieval.query.model_request import Asked
from retrieval.search.params import Mode, QueryParams

NO_CONTEXT = "Sorry, I'm not able to provide an answer to that question.[no-context]"
"""Upstream's answer where nothing is found: clients look for it (docs/lightrag.md A.3)."""


def choose(
    params: QueryParams, context: Context, model: ChatModel | None
) -> str | Asked:
    """A text, or what to ask of the model.

    Without a model the passages themselves are quoted. `bypass` raises NotConfigured
    then: there is nothing to quote.
    """
    if params.mode is Mode.BYPASS:
        return _bypass(params, model)
    if context.is_empty and not (params.tools or params.following):
        return NO_CONTEXT
    if params.only_need_context and not params.only_need_prompt:
        return context.text
    system = system_prompt(context.text, params)
    if params.only_need_prompt:
        return prompts.shown(system, params)
    if model is None:
        return extractive.answer(params.query, context.passages)
    return Asked(model, prompts.answer_request(system, params))


def system_prompt(sources: str, params: QueryParams) -> str:
    """The system prompt around `sources`."""
    prefix = settings.LIGHTRAG.query.user_prompt_prefix
    return prompts.answer_system(sources, params, prefix)


def _bypass(params: QueryParams, model: ChatModel | None) -> str | Asked:
    if params.only_need_prompt or params.only_need_context:
        return prompts.shown("", params) if params.only_need_prompt else NO_CONTEXT
    if model is None:
        raise NotConfigured
    return Asked(model, prompts.answer_request("", params))
