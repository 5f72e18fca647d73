"""Rotation of the fair queue between its groups."""

from __future__ import annotations

from collections.abc import Iterator

from documents.pipeline.fair_queue import FairQueue


def drain(queue: FairQueue[str]) -> Iterator[str]:
    while (item := queue.take()) is not None:
        yield item


def filled(**groups: list[str]) -> FairQueue[str]:
    queue = FairQueue[str]()
    for group, items in groups.items():
        for item in items:
            queue.add(group, item)
    return queue


def test_a_new_queue_is_empty() -> None:
    assert FairQueue[str]().take() is None


def test_groups_are_served_in_rotation() -> None:
    queue = filled(a=["a1", "a2", "a3"], b=["b1"])
    assert queue.count("a") == 3
    assert list(drain(queue)) == ["a1", "b1", "a2", "a3"]
    assert queue.count("a") == 0


def test_an_item_that_is_added_again_comes_last_in_its_group() -> None:
    queue = filled(a=["first", "second"])
    queue.add("a", queue.take() or "")
    assert list(drain(queue)) == ["second", "first"]


def test_a_removed_item_is_not_served() -> None:
    queue = filled(a=["a1", "a2"], b=["b1"])
    queue.remove("a", "a1")
    queue.remove("b", "b1")
    queue.remove("b", "unknown")
    assert list(drain(queue)) == ["a2"]
