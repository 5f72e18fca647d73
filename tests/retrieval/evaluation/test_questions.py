from __future__ import annotations

import pytest

from retrieval.evaluation import questions
from retrieval.evaluation.questions import BadQuestion, GoldQuestion


def test_a_line_is_a_question_with_its_gold() -> None:
    lines = ['{"question": "Who?", "gold": ["a.txt"], "answer": "Me"}', "", "  "]
    known = GoldQuestion("Who?", frozenset({"a.txt"}), "Me")
    assert questions.read(lines) == [known]


@pytest.mark.parametrize(
    "line",
    ["no json", "[]", '{"question": "q"}', '{"question": "q", "gold": []}',
     '{"question": " ", "gold": ["a"]}', '{"question": "q", "gold": "a"}'],
)  # fmt: skip
def test_a_bad_line_is_named(line: str) -> None:
    with pytest.raises(BadQuestion, match="Line 2"):
        questions.read(["", line])
