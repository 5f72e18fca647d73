"""Every model call of a question is recorded in the ledger."""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing
from dataclasses import replace

import pytest
from asgiref.sync import async_to_sync
from pytest_django import Settings

from retrieval.llm.base import Message
from retrieval.llm.errors import BudgetSpent
from retrieval.llm.usage.models import LLMCall
from retrieval.query import answer
from retrieval.query.events import Delta
from retrieval.search.params import Mode, QueryParams
from tests.models import FakeModels
from tests.retrieval.conftest import Configure, Library, collect

RADIUM = "Who discovered Radium?"


def ask(library: Library, params: QueryParams) -> None:
    async_to_sync(answer.ask)(library.workspace, params)


def purposes() -> dict[str, int]:
    return dict(Counter(LLMCall.objects.values_list("purpose", flat=True)))


def test_the_calls_of_a_question_share_an_id(curies: Library) -> None:
    ask(curies, QueryParams(RADIUM))
    assert purposes() == {"keywords": 1, "query": 1}
    assert len({call.question for call in LLMCall.objects.all()}) == 1
    assert all(call.prompt_tokens for call in LLMCall.objects.all())


def test_a_cached_answer_costs_nothing(curies: Library) -> None:
    ask(curies, QueryParams(RADIUM))
    LLMCall.objects.all().delete()
    ask(curies, QueryParams(RADIUM))
    assert purposes() == {}


@pytest.mark.parametrize(
    "params",
    [
        QueryParams(RADIUM, Mode.BYPASS),
        QueryParams(
            RADIUM, Mode.NAIVE, conversation_history=(Message("user", "Hello."),)
        ),
    ],
    ids=["bypass", "conversation"],
)
def test_calls_for_answers_that_are_not_cached_are_recorded(
    curies: Library, params: QueryParams
) -> None:
    for _ in range(2):
        ask(curies, params)
    assert purposes() == {"query": 2}


def test_the_call_of_a_stream_is_recorded(curies: Library) -> None:
    collect(answer.stream(curies.workspace, QueryParams(RADIUM, Mode.NAIVE)))
    call = LLMCall.objects.get()
    assert call.purpose == "query"
    assert call.completion_tokens > 3


def test_the_call_of_a_stream_closed_early_is_recorded(curies: Library) -> None:
    async def leave_after_the_first_word() -> None:
        params = QueryParams(RADIUM, Mode.NAIVE)
        async with aclosing(answer.stream(curies.workspace, params)) as events:
            async for event in events:
                if isinstance(event, Delta):
                    return

    async_to_sync(leave_after_the_first_word)()
    assert LLMCall.objects.get().prompt_tokens > 0


def test_questions_respect_the_budget_if_it_is_enforced(
    curies: Library, settings: Settings, configure: Configure, models: FakeModels
) -> None:
    budget = replace(settings.LIGHTRAG.ingest, daily_token_budget=1)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, ingest=budget)
    ask(curies, QueryParams(RADIUM))
    ask(curies, QueryParams("Who was Pierre?"))
    configure(query__enforce_budget=True)
    with pytest.raises(BudgetSpent, match="until midnight UTC") as caught:
        ask(curies, QueryParams("Who was Marie?"))
    assert 0 < (caught.value.retry_after or 0) <= 86400
