"""Tests of parsing the JSON object in a model's answer."""

from __future__ import annotations

import pytest

from retrieval.llm.chat import json_answer
from retrieval.llm.errors import BadAnswer

WANTED = {"entities": [{"name": "Ada"}]}
PLAIN = '{"entities": [{"name": "Ada"}]}'


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        f"```json\n{PLAIN}\n```",
        f"Here you are:\n```\n{PLAIN}\n```\nAnything else?",
        f"Sure! {PLAIN} I hope this helps {{really}}.",
        f"<think>Is it {{}}? Or {{'a'}}?</think>\n{PLAIN}",
        f"It might be {{1}}.</think>{PLAIN}",
        "{'entities': [{'name': 'Ada',},]}",
        '{"entities": [{"name": "Ada"',
        '{"entities": [{"name": "A\\u0000da\\ud800"}]}',
        f"[{PLAIN}]",
        f"{PLAIN}{PLAIN}",
    ],
)
def test_an_object_is_found_in_any_wrapping(text: str) -> None:
    assert json_answer.parse(text) == WANTED


@pytest.mark.parametrize(
    "text", ["", "I'm sorry, Dave.", "[1, 2]", '<think>{"a": 1}', "{", "Sorry {"]
)
def test_an_answer_without_an_object_is_a_bad_answer(text: str) -> None:
    with pytest.raises(BadAnswer, match="answer"):
        json_answer.parse(text)


def test_an_empty_object_is_an_object() -> None:
    assert json_answer.parse("{}") == {}


def test_a_line_break_inside_a_string_is_kept() -> None:
    assert json_answer.parse('{"a": "one\ntwo"}') == {"a": "one\ntwo"}


def test_reasoning_is_removed_from_a_text() -> None:
    assert json_answer.without_reasoning("<think>hm</think>\nYes.") == "Yes."
