"""Tests of parsing the JSON object in a model's answer."""

from __future__ import annotations

import json
import time

import pytest

from retrieval.llm.chat import json_answer
from retrieval.llm.errors import BadAnswer

EXPECTED = {"entities": [{"name": "Ada"}]}
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
    assert json_answer.parse(text) == EXPECTED


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


@pytest.mark.parametrize(
    "mark",
    [
        "</think>",
        "<think>",
        "<think>\nNo.\n</think>\n",
        "<|#|>",
        "<|COMPLETE|>",
        "```json\n{}\n```",
        "##",
        '{"a": 1}',
    ],
)
@pytest.mark.parametrize("wrap", ["{}", "```json\n{}\n```", "<think>Hm.</think>{}"])
def test_a_mark_inside_a_string_of_valid_json_is_data(mark: str, wrap: str) -> None:
    value = {"entities": [{"name": "A", "description": f"It writes {mark} in files."}]}
    text = wrap.replace("{}", json.dumps(value))
    assert json_answer.parse(text) == value


def test_a_draft_inside_the_reasoning_is_not_the_answer() -> None:
    text = f'<think>Perhaps {{"a": 1}}.</think>\n{PLAIN}'
    assert json_answer.parse(text) == EXPECTED


@pytest.mark.parametrize(
    "text",
    [
        '{"a": ' + "}{>null" * 4_000,
        '{"entities": [' + "'a\t_" * 5_000,
        '{"entities": [' + ':"~' * 5_000 + '"name": ""1',
    ],
)
def test_the_work_of_a_repair_is_limited(text: str) -> None:
    started = time.process_time()
    with pytest.raises(BadAnswer):
        json_answer.parse(text)
    assert time.process_time() - started < 5


def test_a_long_answer_that_is_cut_off_is_repaired() -> None:
    row = '{"name": "Ada", "description": "She wrote \\"notes\\"."}, '
    text = '{"entities": [' + row * 500 + '{"name": "Bo'
    for damaged in (text, text.replace('"', "'"), text.replace('\\"', '"')):
        assert len(json_answer.parse(damaged)["entities"]) == 501
