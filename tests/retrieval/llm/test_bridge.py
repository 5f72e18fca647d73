"""From synchronous code to the models and back."""

from __future__ import annotations

import asyncio
import contextvars
import os
import threading
import time
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from retrieval.llm import bridge


class Meter:
    """Counts the calls in flight."""

    def __init__(self) -> None:
        self.now = self.most = self.begun = self.cancelled = 0

    async def call(self, seconds: float, value: int) -> int:
        self.begun += 1
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.now -= 1
        return value


async def fail(message: str) -> int:
    raise ValueError(message)


def test_a_coroutine_runs_on_another_thread_and_returns() -> None:
    async def where() -> str:
        return threading.current_thread().name

    assert bridge.run(where()) == "models"


def test_an_error_comes_through() -> None:
    with pytest.raises(ValueError, match="no luck"):
        bridge.run(fail("no luck"))


def test_the_callers_context_is_seen_by_the_call() -> None:
    request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id")
    request_id.set("r-1")

    async def look() -> str:
        return request_id.get()

    assert bridge.run(look()) == "r-1"


def test_waiting_for_the_bridge_on_the_bridge_is_refused() -> None:
    async def nested() -> int:
        return bridge.run(fail("never"))

    with pytest.raises(RuntimeError, match="own event loop"):
        bridge.run(nested())


def test_all_calls_are_made_with_so_many_at_once() -> None:
    meter = Meter()
    calls = [partial(meter.call, 0.01, n) for n in range(20)]
    outcomes = [o for batch in bridge.completed(calls, 4) for o in batch]
    assert sorted(o.index for o in outcomes) == list(range(20))
    assert all(o.get() == o.index for o in outcomes)
    assert meter.most == 4


def test_outcomes_come_as_they_finish() -> None:
    meter = Meter()
    calls = [partial(meter.call, seconds, 0) for seconds in (0.2, 0.0, 0.1)]
    batches = [[o.index for o in batch] for batch in bridge.completed(calls, 3)]
    assert batches == [[1], [2], [0]]


def test_one_failure_leaves_the_others_alone() -> None:
    meter = Meter()
    calls: list[Callable[[], Awaitable[int]]] = [
        partial(fail, "no"),
        partial(meter.call, 0, 5),
    ]
    outcomes = {o.index: o for batch in bridge.completed(calls, 2) for o in batch}
    assert isinstance(outcomes[0].error, ValueError)
    assert outcomes[1].get() == 5
    with pytest.raises(ValueError, match="no"):
        outcomes[0].get()


def test_a_call_that_cancels_itself_is_an_error_and_not_a_loss() -> None:
    async def cancelled() -> int:
        raise asyncio.CancelledError

    outcomes = [o for batch in bridge.completed([cancelled], 1) for o in batch]
    assert isinstance(outcomes[0].error, RuntimeError)


def test_calls_go_on_while_the_consumer_works() -> None:
    meter = Meter()
    calls = [partial(meter.call, 0.01, n) for n in range(6)]
    completed = bridge.completed(calls, 1)
    seen = len(next(completed))
    time.sleep(0.2)
    assert len(next(completed)) == 6 - seen
    assert list(completed) == []


def test_a_consumer_that_stops_early_cancels_what_is_in_flight() -> None:
    meter = Meter()
    calls = [partial(meter.call, 0.0 if n == 0 else 30.0, n) for n in range(50)]
    completed = bridge.completed(calls, 3)
    next(completed)
    completed.close()  # type: ignore[attr-defined]
    assert meter.now == 0
    assert meter.cancelled >= 2
    assert meter.begun <= 5


def test_no_task_is_left_behind() -> None:
    async def tasks() -> int:
        return len(asyncio.all_tasks())

    before = bridge.run(tasks())
    meter = Meter()
    for _ in bridge.completed([partial(meter.call, 5.0 * n, n) for n in range(9)], 9):
        break
    assert bridge.run(tasks()) == before


def test_no_calls_are_no_outcomes() -> None:
    assert list(bridge.completed([], 4)) == []


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_child_has_a_loop_of_its_own() -> None:
    meter = Meter()
    assert bridge.run(meter.call(0, 1)) == 1
    child = os.fork()
    if child == 0:
        worked = bridge.run(meter.call(0, 2)) == 2
        os._exit(0 if worked else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert bridge.run(meter.call(0, 3)) == 3


def test_a_submitted_call_can_be_cancelled() -> None:
    meter = Meter()
    future = bridge.submit(meter.call(30, 1))
    bridge.run(asyncio.sleep(0.01))
    future.cancel()
    bridge.run(asyncio.sleep(0.01))
    assert (meter.now, meter.cancelled) == (0, 1)
