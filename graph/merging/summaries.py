"""Summaries of merged descriptions by a chat model (docs/lightrag.md C.8)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from graph.extraction import entity_names, prompts
from retrieval.llm import tokens
from retrieval.llm.base import ChatModel, ChatRequest
from retrieval.llm.errors import BadAnswer


@dataclass(frozen=True, slots=True)
class SummaryLimits:
    """Limits of one call in tokens: `context_tokens` of its input, `length` of its output."""

    language: str
    context_tokens: int
    length: int


def limits() -> SummaryLimits:
    """Return the configured limits."""
    ingest = settings.LIGHTRAG.ingest
    return SummaryLimits(
        ingest.language, ingest.summary_context_tokens, ingest.summary_length
    )


async def summarize(
    chat: ChatModel, name: str, fragments: Sequence[str], limits: SummaryLimits
) -> str:
    """Return one text with the content of `fragments`, which describe `name`.

    If they exceed the input of one call, groups are summarized, and then the summaries.
    Raises the errors of `retrieval.llm.errors`.
    """
    groups = _groups(fragments, limits.context_tokens)
    parts = await asyncio.gather(
        *(_summary(chat, name, group, limits) for group in groups)
    )
    return parts[0] if len(parts) == 1 else await summarize(chat, name, parts, limits)


async def _summary(
    chat: ChatModel, name: str, fragments: Sequence[str], limits: SummaryLimits
) -> str:
    if len(fragments) == 1:
        return fragments[0]
    messages = prompts.summary(name, fragments, limits.language, limits.length)
    completion = await chat.complete(ChatRequest(messages))
    text = entity_names.clean_text(completion.text)
    if not text:
        raise BadAnswer(f"The model's summary of {name!r} is empty.")
    return text


def _groups(fragments: Sequence[str], context_tokens: int) -> list[list[str]]:
    """Return groups that fit into one call each.

    Fragments are truncated so that two always fit; otherwise the recursion would not end.
    """
    groups: list[list[str]] = [[]]
    free_tokens = context_tokens
    for fragment in fragments:
        short = tokens.truncate(fragment, context_tokens // 2)
        size = tokens.count(short)
        if size > free_tokens:
            groups.append([])
            free_tokens = context_tokens
        groups[-1].append(short)
        free_tokens -= size
    return groups
