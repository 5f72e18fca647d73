from __future__ import annotations

import pytest

from retrieval.evaluation import answers


@pytest.mark.parametrize(
    ("answer", "expected", "f1", "contains"),
    [
        ("The Eiffel Tower.", "eiffel tower", 1.0, True),
        ("It was built in Paris [1].", "Paris", 2 / 6, True),
        ("It was built in London.", "Paris", 0.0, False),
        ("Parisian", "Paris", 0.0, False),
        ("Paris France", "France Paris", 1.0, False),
        ("", "Paris", 0.0, False),
        ("居里夫人發現了鐳", "居里夫人", 6 / 10, True),
    ],
)
def test_an_answer_is_compared_by_words(
    answer: str, expected: str, f1: float, contains: bool
) -> None:
    assert answers.f1(answer, expected) == pytest.approx(f1)
    assert answers.contains(answer, expected) is contains
