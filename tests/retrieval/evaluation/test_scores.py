from __future__ import annotations

import pytest

from retrieval.evaluation import scores
from retrieval.evaluation.trial import Trial


def trial(*ranking: str, gold: set[str], question: str = "q") -> Trial:
    """Return a trial that ranked one chunk of each document in this order."""
    pairs = tuple((f"{name}-chunk-000", name) for name in ranking)
    return Trial(question, frozenset(gold), pairs, 0, 0, 0.0, 0.0)


def test_recall_is_the_share_of_the_gold_among_the_first() -> None:
    ranked = trial("a", "x", "b", gold={"a", "b"})
    assert [scores.recall(ranked, depth) for depth in (1, 2, 3)] == [0.5, 0.5, 1.0]


def test_gold_may_be_a_chunk() -> None:
    assert scores.recall(trial("a", gold={"a-chunk-000"}), 1) == 1


def test_two_chunks_of_a_document_count_once() -> None:
    ranked = trial("a", "a", gold={"a", "b"})
    assert scores.recall(ranked, 5) == 0.5
    assert not scores.has_all(ranked)


def test_the_first_gold_chunk_gives_the_reciprocal_rank() -> None:
    assert scores.reciprocal_rank(trial("x", "a", gold={"a"})) == 0.5
    assert scores.reciprocal_rank(trial("x", gold={"a"})) == 0.0


def test_an_interval_contains_the_mean_and_is_deterministic() -> None:
    values = [0.0, 1.0] * 25
    first = scores.estimate(values)
    assert first == scores.estimate(values)
    assert first.low < first.mean == 0.5 < first.high
    assert scores.estimate([1.0, 1.0]).low == 1.0


def test_questions_that_only_one_mode_solved_are_listed() -> None:
    right = trial("a", gold={"a"}, question="only mix")
    both = trial("a", gold={"a"}, question="both")
    wrong = trial("x", gold={"a"}, question="only mix")
    solved = scores.solved_by_one({"mix": [right, both], "naive": [wrong, both]})
    assert solved == {"mix": ["only mix"], "naive": []}


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
    assert scores.f1(answer, expected) == pytest.approx(f1)
    assert scores.contains(answer, expected) is contains
