"""Many descriptions of one thing -> one text, by a chat model (docs/lightrag.md C.8)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from graph.extraction import entity_names, prompts
from retrieval.llm import tokens
from retrieval.llm.base import ChatModel, ChatRequest
from retrieval.llm.chat import json_answer
from retrieval.llm.errors import BadAnswer


@dataclass(frozen=True, slots=True)
class SummaryLimits:
    """`context_tokens` bounds the descriptions of one call, `length` what it answers."""

    language: str
    context_tokens: int
    length: int


def limits() -> SummaryLimits:
    """The configured ones."""
    ingest = settings.LIGHTRAG.ingest
    return SummaryLimits(
        ingest.language, ingest.summary_context_tokens, ingest.summary_length
    )


async def summarise(
    chat: ChatModel, name: str, fragments: Sequence[str], bounds: SummaryLimits
) -> str:
    """One text that says what `fragments` say of `name`.

    Fragments that exceed one call are summarised in groups, and the summaries again,
    until one call holds them. Raises the errors of `retrieval.llm.errors`.
    """
    groups = _groups(fragments, bounds.context_tokens)
    parts = await asyncio.gather(
        *(_summary(chat, name, group, bounds) for group in groups)
    )
    return parts[0] if len(parts) == 1 else await summarise(chat, name, parts, bounds)


async def _summary(
    chat: ChatModel, name: str, fragments: Sequence[str], bounds: SummaryLimits
) -> str:
    if len(fragments) == 1:
        return fragments[0]
    messages = prompts.summary(name, fragments, bounds.language, bounds.length)
    completion = await chat.complete(ChatRequest(messages))
    text = entity_names.clean_text(json_answer.without_reasoning(completion.text))
    if not text:
        raise BadAnswer(f"The model's summary of {name!r} is empty.")
    return text


def _groups(fragments: Sequence[str], context_tokens: int) -> list[list[str]]:
    """As few runs as fit; two fragments always fit, so that every round has fewer."""
    groups: list[list[str]] = [[]]
    room = context_tokens
    for fragment in fragments:
        short = tokens.truncate(fragment, context_tokens // 2)
        size = tokens.count(short)
        if size > room:
            groups.append([])
            room = context_tokens
        groups[-1].append(short)
        room -= size
    return groups
