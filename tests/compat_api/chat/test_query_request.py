"""Limits of a question, and its conversion to query parameters."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from compat_api.chat.query_request import FilterFields, QueryRequest, weight
from retrieval.llm.base import Message
from retrieval.search.params import Mode


def test_empty_history_does_not_count_towards_the_limit() -> None:
    full = {"query": "x" * 65_536, "user_prompt": "x" * 65_536}
    assert QueryRequest.model_validate(full).conversation_history is None
    history = [{"role": "user", "content": ""}]
    with pytest.raises(ValidationError, match="together exceed"):
        QueryRequest.model_validate(full | {"conversation_history": history})


@pytest.mark.parametrize(
    ("text", "heavy"), [("abc", 3), ("愛因斯坦", 8), ("ㄅ", 2), ("한", 2), ("Ａ", 2)]
)
def test_wide_characters_count_twice(text: str, heavy: int) -> None:
    assert weight(text) == heavy


def test_request_fields_become_query_parameters() -> None:
    history = [{"role": "user", "content": "Hi", "name": "x"}]
    request = QueryRequest.model_validate(
        {
            "query": " Who? ",
            "mode": "local",
            "top_k": 7,
            "ll_keywords": ["a"],
            "conversation_history": history,
            "history_turns": 2,
            "user_prompt": "In rhyme.",
            "enable_rerank": False,
            "unknown": 1,
        }
    )
    params = request.as_params()
    assert (params.query, params.mode, params.top_k) == ("Who?", Mode.LOCAL, 7)
    assert params.conversation_history == (Message("user", "Hi"),)
    assert (params.ll_keywords, params.history_turns) == (("a",), 2)
    assert (params.user_prompt, params.enable_rerank) == ("In rhyme.", False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-01T00:00:00+23:59", "2023-12-31T00:01:00+00:00"),
        ("2024-01-01T00:00:00", "2024-01-01T00:00:00+00:00"),
    ],
)
def test_times_of_filters_are_converted_to_utc(text: str, expected: str) -> None:
    fields = FilterFields.model_validate({"created_after": text})
    assert fields.created_after is not None
    assert fields.created_after.isoformat() == expected


@pytest.mark.parametrize(
    "text", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+01:00"]
)
def test_a_time_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="out of range"):
        FilterFields.model_validate({"created_before": text})
