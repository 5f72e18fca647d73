"""Decide how a context is answered: by a fixed text, or by a request to a model."""

from __future__ import annotations

from dataclasses import dataclass

from retrieval.context import extractive, notices
from retrieval.context.prompt_context import Context
from retrieval.llm.base import ChatModel, ChatRequest, Embedder
from retrieval.llm.errors import NotConfigured
from retrieval.query import prompts
from retrieval.search.params import Mode, QueryParams

NO_CONTEXT = "Sorry, I'm not able to provide an answer to that question.[no-context]"
"""LightRAG's answer if nothing was found; clients compare it (docs/lightrag.md A.3)."""


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """A request and the model it is sent to."""

    model: ChatModel
    request: ChatRequest


async def choose(
    params: QueryParams,
    context: Context,
    model: ChatModel | None,
    embedder: Embedder | None = None,
) -> str | ModelRequest:
    """Return the answer's text, or the request whose answer it is.

    Without a model the chunks are quoted; `embedder` ranks their sentences. Mode bypass
    has nothing to quote and raises NotConfigured.
    """
    if params.mode is Mode.BYPASS:
        return _bypass(params, model)
    if context.is_empty and not (params.tools or params.tool_messages):
        return NO_CONTEXT
    if params.only_need_prompt:
        return prompts.only_prompt(context.system_prompt, params)
    if params.only_need_context:
        return context.text
    if model is None:
        return await quotations(params, context, embedder)
    return ModelRequest(model, prompts.answer_request(context.system_prompt, params))


async def quotations(
    params: QueryParams, context: Context, embedder: Embedder | None
) -> str:
    """Return an answer that quotes the chunks, in the language of the question."""
    language = notices.language(params.query)
    if not context.chunks:
        return notices.NOTHING_FOUND[language]
    question = context.question or params.query
    entities = [entity.name for entity in context.entities]
    text = await extractive.answer(question, context.chunks, embedder, entities)
    return f"{notices.QUOTED[language]}\n\n{text}"


def _bypass(params: QueryParams, model: ChatModel | None) -> str | ModelRequest:
    if params.only_need_prompt:
        return prompts.only_prompt("", params)
    if params.only_need_context:
        return NO_CONTEXT
    if model is None:
        raise NotConfigured
    return ModelRequest(model, prompts.answer_request("", params))
