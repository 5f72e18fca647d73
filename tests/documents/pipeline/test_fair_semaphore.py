"""Slots of the fair semaphore: rotation between groups, cancellation and stop."""

from __future__ import annotations

import asyncio

import pytest

from documents.pipeline.fair_semaphore import FairSemaphore, RunStopped


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
