"""Tests of summaries by a chat model."""

from __future__ import annotations

import pytest

from graph.merging import summaries
from graph.merging.summaries import SummaryLimits
from retrieval.llm.base import ChatRequest
from retrieval.llm.errors import BadAnswer, ProviderDown
from retrieval.llm.testing.fake import FakeChat

LIMITS = SummaryLimits("English", context_tokens=60, length=20)


def prompt(request: ChatRequest) -> str:
    return request.messages[1].content


async def test_descriptions_that_fit_need_one_call() -> None:
    chat = FakeChat(["A physicist born in Warsaw."])
    facts = ["A physicist.", "Born in\nWarsaw."]
    summary = await summaries.summarize(chat, "Marie Curie", facts, LIMITS)
    assert summary == "A physicist born in Warsaw."
    assert prompt(chat.requests[0]) == (
        'Subject: "Marie Curie"\nStatements:\n"A physicist."\n"Born in\\nWarsaw."'
    )


async def test_more_descriptions_are_summarized_in_groups() -> None:
    chat = FakeChat(lambda request: f"Sum of {len(prompt(request).splitlines()) - 2}.")
    facts = [f"Fact {n}: " + "word " * 20 for n in range(6)]
    assert await summaries.summarize(chat, "X", facts, LIMITS) == "Sum of 3."
    assert chat.calls == 4


async def test_long_fragments_are_truncated() -> None:
    chat = FakeChat(lambda request: "word " * 200)
    facts = ["word " * 500] * 5
    summary = await summaries.summarize(chat, "X", facts, LIMITS)
    assert summary == ("word " * 200).strip()


async def test_a_single_fragment_needs_no_call() -> None:
    chat = FakeChat()
    assert await summaries.summarize(chat, "X", ["As it is."], LIMITS) == "As it is."
    assert chat.calls == 0


async def test_reasoning_is_removed_from_a_summary() -> None:
    chat = FakeChat(["<think>Hm.</think>\nA physicist."])
    assert await summaries.summarize(chat, "X", ["a", "b"], LIMITS) == "A physicist."


async def test_an_empty_summary_is_a_bad_answer() -> None:
    with pytest.raises(BadAnswer, match="'X'"):
        await summaries.summarize(FakeChat(["  "]), "X", ["a", "b"], LIMITS)


async def test_a_providers_error_is_raised() -> None:
    with pytest.raises(ProviderDown):
        await summaries.summarize(FakeChat(failures=1), "X", ["a", "b"], LIMITS)


def test_limits_are_configured() -> None:
    assert summaries.limits() == SummaryLimits("English", 12000, 600)
