"""Tests of running model calls for synchronous code."""

from __future__ import annotations

import asyncio
import contextvars
import os
import threading

import pytest

from retrieval.llm import event_loop
from retrieval.llm.event_loop import PerEventLoop


class Call:
    """A call that waits and records its cancellation."""

    cancelled = False

    async def wait(self, seconds: float, value: int) -> int:
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return value


async def fail(message: str) -> int:
    raise ValueError(message)


def test_a_coroutine_runs_on_another_thread_and_returns() -> None:
    async def where() -> str:
        return threading.current_thread().name

    assert event_loop.run(where()) == "models"


def test_an_error_is_raised_in_the_caller() -> None:
    with pytest.raises(ValueError, match="no luck"):
        event_loop.run(fail("no luck"))


def test_a_call_has_the_context_of_its_caller() -> None:
    request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id")
    request_id.set("r-1")

    async def look() -> str:
        return request_id.get()

    assert event_loop.run(look()) == "r-1"


def test_run_on_its_own_event_loop_is_an_error() -> None:
    async def nested() -> int:
        return event_loop.run(fail("never"))

    with pytest.raises(RuntimeError, match="own event loop"):
        event_loop.run(nested())


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_child_has_its_own_loop() -> None:
    assert event_loop.run(Call().wait(0, 1)) == 1
    child = os.fork()
    if child == 0:
        worked = event_loop.run(Call().wait(0, 2)) == 2
        os._exit(0 if worked else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert event_loop.run(Call().wait(0, 3)) == 3


def test_submitted_calls_run_concurrently() -> None:
    slow, fast = (event_loop.submit(Call().wait(s, 1)) for s in (30.0, 0.0))
    assert fast.result(timeout=5) == 1
    assert not slow.done()
    slow.cancel()


def test_a_submitted_call_can_be_cancelled() -> None:
    call = Call()
    future = event_loop.submit(call.wait(30, 1))
    event_loop.run(asyncio.sleep(0.01))
    future.cancel()
    event_loop.run(asyncio.sleep(0.01))
    assert call.cancelled


async def test_the_clients_of_the_running_loop_are_closed() -> None:
    closed: list[str] = []

    async def close(client: str) -> None:
        closed.append(client)

    clients = PerEventLoop(lambda: "client", close)
    assert clients.get() == "client"
    await event_loop.close_clients()
    await event_loop.close_clients()
    assert closed == ["client"]
