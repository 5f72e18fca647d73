"""Slots of the fair semaphore: rotation between groups, cancellation and stop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from documents.pipeline.fair_semaphore import FairQueue, FairSemaphore, RunStopped


async def test_a_slot_is_granted_at_once_while_one_is_free() -> None:
    semaphore = FairSemaphore(2)
    await semaphore.acquire("a")
    await semaphore.acquire("a")
    assert semaphore.waiting("a") == 0


async def test_groups_get_slots_in_rotation() -> None:
    semaphore, order = FairSemaphore(1), list[str]()
    first = await semaphore.acquire("a")

    async def take(group: str, name: str) -> None:
        slot = await semaphore.acquire(group)
        order.append(name)
        slot.release()

    async with asyncio.TaskGroup() as tasks:
        for name in ("a1", "a2", "b1"):
            tasks.create_task(take(name[0], name))
        await asyncio.sleep(0)  # all of them wait now
        assert semaphore.waiting("a") == 2
        first.release()
    assert order == ["a1", "b1", "a2"]


async def test_a_slot_that_is_released_twice_counts_once() -> None:
    semaphore = FairSemaphore(1)
    slot = await semaphore.acquire("a")
    slot.release()
    slot.release()
    await semaphore.acquire("a")
    waiter = asyncio.ensure_future(semaphore.acquire("a"))
    await asyncio.sleep(0)
    assert not waiter.done()
    waiter.cancel()


@pytest.mark.parametrize("granted_first", [True, False])
async def test_a_cancelled_waiter_keeps_no_slot(*, granted_first: bool) -> None:
    semaphore = FairSemaphore(1)
    slot = await semaphore.acquire("a")
    waiter = asyncio.ensure_future(semaphore.acquire("a"))
    await asyncio.sleep(0)
    if granted_first:
        slot.release()
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    slot.release()
    async with asyncio.timeout(5):
        await semaphore.acquire("b")


async def test_a_stopped_semaphore_grants_nothing() -> None:
    semaphore = FairSemaphore(1)
    slot = await semaphore.acquire("a")
    waiter = asyncio.ensure_future(semaphore.acquire("a"))
    await asyncio.sleep(0)
    semaphore.stop()
    slot.release()
    with pytest.raises(RunStopped):
        await waiter
    with pytest.raises(RunStopped):
        await semaphore.acquire("b")


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
