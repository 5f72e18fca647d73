from __future__ import annotations

from typing import get_args

from django.conf import settings

from retrieval.llm.base import Message
from retrieval.search import params
from retrieval.search.params import Mode, ModeName, QueryParams


def test_unset_parameters_use_the_settings() -> None:
    limits = params.limits(QueryParams("q?", top_k=7), settings.LIGHTRAG.query)
    assert limits.top_k == 7
    assert limits.chunk_top_k == settings.LIGHTRAG.query.chunk_top_k
    assert limits.total_tokens == settings.LIGHTRAG.query.max_total_tokens


def test_a_turn_is_a_question_and_its_answer() -> None:
    history = tuple(Message("user", str(number)) for number in range(6))
    params = QueryParams("q?", conversation_history=history)
    assert params.history == history
    params = QueryParams("q?", conversation_history=history, history_turns=2)
    assert params.history == history[2:]
    params = QueryParams("q?", conversation_history=history, history_turns=0)
    assert params.history == ()


def test_instructions_are_the_prefix_and_the_users_prompt() -> None:
    assert QueryParams("q?", user_prompt="Be brief.").instructions("Kindly. ") == (
        "Kindly. Be brief."
    )
    params = QueryParams("q?", user_prompt="Be brief.", disable_user_prompt_prefix=True)
    assert params.instructions("Kindly. ") == "Be brief."


def test_naive_and_bypass_do_not_search_the_graph() -> None:
    alone = [mode for mode in Mode if not QueryParams("q?", mode).searches_graph]
    assert alone == [Mode.NAIVE, Mode.BYPASS]


def test_the_mode_names_are_the_modes() -> None:
    assert set(get_args(ModeName)) == {mode.value for mode in Mode}
