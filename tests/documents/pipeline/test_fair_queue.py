"""Groups take turns, and so do the owners within one."""

from __future__ import annotations

from collections.abc import Iterator

from documents.pipeline.fair_queue import Turns


def taken(turns: Turns) -> Iterator[object]:
    while (owner := turns.take()) is not None:
        yield owner


def test_nobody_waits_at_first() -> None:
    assert Turns().take() is None


def test_one_of_each_group_in_turn() -> None:
    turns = Turns()
    for owner in ("a1", "a2", "a3"):
        turns.add("a", owner)
    turns.add("b", "b1")
    assert turns.waiting("a") == 3
    assert list(taken(turns)) == ["a1", "b1", "a2", "a3"]
    assert turns.waiting("a") == 0


def test_who_comes_again_stands_behind_the_others() -> None:
    turns = Turns()
    turns.add("a", 1)
    turns.add("a", 2)
    first = turns.take()
    turns.add("a", first)
    assert list(taken(turns)) == [2, 1]
