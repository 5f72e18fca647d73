from __future__ import annotations

import asyncio

import pytest

from retrieval.llm.errors import Overloaded
from retrieval.query import question_slots
from retrieval.query.question_slots import QuestionSlots, caller


async def hold(slots: QuestionSlots, name: str, order: list[str]) -> None:
    caller.set(name)
    async with slots.slot():
        order.append(name)
        await asyncio.sleep(0.01)


async def test_a_caller_with_one_question_does_not_wait_for_one_with_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(question_slots, "MAX_RUNNING", 1)
    slots, order = QuestionSlots(), list[str]()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(10):
            tasks.create_task(hold(slots, "many", order))
        await asyncio.sleep(0)
        tasks.create_task(hold(slots, "one", order))
    assert order.index("one") <= 2


async def test_a_full_queue_refuses_the_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(question_slots, "MAX_RUNNING", 1)
    monkeypatch.setattr(question_slots, "MAX_WAITING_OF_CALLER", 2)
    slots, order = QuestionSlots(), list[str]()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(3):
            tasks.create_task(hold(slots, "many", order))
        await asyncio.sleep(0)
        caller.set("many")
        with pytest.raises(Overloaded, match="Try again") as caught:
            async with slots.slot():
                pass
        assert caught.value.retry_after == question_slots.RETRY_AFTER
        tasks.create_task(hold(slots, "one", order))
    assert len(order) == 4


async def test_a_caller_does_not_use_all_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question_slots, "MAX_RUNNING", 4)
    monkeypatch.setattr(question_slots, "MAX_RUNNING_OF_CALLER", 2)
    slots, order = QuestionSlots(), list[str]()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(10):
            tasks.create_task(hold(slots, "many", order))
        await asyncio.sleep(0)
        assert order == ["many", "many"]
        tasks.create_task(hold(slots, "one", order))
        await asyncio.sleep(0)
        assert order == ["many", "many", "one"]


async def test_a_cancelled_question_gives_its_slot_back() -> None:
    slots, order = QuestionSlots(), list[str]()
    waiting = [
        asyncio.create_task(hold(slots, "many", order))
        for _ in range(question_slots.MAX_RUNNING_OF_CALLER + 3)
    ]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for _ in range(question_slots.MAX_RUNNING + 1):
        await hold(slots, "many", order)
