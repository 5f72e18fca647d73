from __future__ import annotations

import pytest

from retrieval.evaluation import questions
from retrieval.evaluation.questions import BadQuestion, GoldQuestion


def test_each_line_is_a_question_with_its_gold() -> None:
    lines = ['{"question": "Who?", "gold": ["a.txt"], "answer": "Me"}', "", "  "]
    question = GoldQuestion("Who?", frozenset({"a.txt"}), "Me")
    assert questions.read(lines) == [question]


@pytest.mark.parametrize(
    "line",
    ["no json", "[]", '{"question": "q"}', '{"question": "q", "gold": []}',
     '{"question": " ", "gold": ["a"]}', '{"question": "q", "gold": "a"}'],
)  # fmt: skip
def test_an_error_names_the_line(line: str) -> None:
    with pytest.raises(BadQuestion, match="Line 2"):
        questions.read(["", line])
