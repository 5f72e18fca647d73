"""A semaphore that grants its slots fairly between workspaces and documents."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class FairQueue(Generic[T]):
    """Items by group. Groups are workspaces: none waits for all items of another."""

    def __init__(self) -> None:
        self._groups: dict[Hashable, deque[T]] = {}

    def add(self, group: Hashable, item: T) -> None:
        """Append an item to its group."""
        self._groups.setdefault(group, deque()).append(item)

    def take(self) -> T | None:
        """Remove and return the next item, or None; move its group to the end."""
        if not self._groups:
            return None
        group = next(iter(self._groups))
        items = self._groups.pop(group)
        item = items.popleft()
        if items:
            self._groups[group] = items
        return item

    def remove(self, group: Hashable, item: T) -> None:
        """Remove an item that is no longer wanted; ignore one that was taken."""
        items = self._groups.get(group, deque())
        if item in items:
            items.remove(item)
        if not items:
            self._groups.pop(group, None)

    def count(self, group: Hashable) -> int:
        """Return the number of items of a group."""
        return len(self._groups.get(group, ()))


class RunStopped(Exception):
    """The run starts no more calls: it is stopping, or the token budget is spent."""


class Slot:
    """Permission for one call. It may be released more than once."""

    def __init__(self, semaphore: FairSemaphore) -> None:
        self._semaphore: FairSemaphore | None = semaphore

    def release(self) -> None:
        """Give the slot to the next waiter."""
        semaphore, self._semaphore = self._semaphore, None
        if semaphore is not None:
            semaphore.pass_on()


class FairSemaphore:
    """At most `limit` slots at once, granted to the groups in rotation.

    A group is a workspace. Each document waits for one slot at a time and joins the end
    of its group for the next one, so the documents of a workspace take turns as well.
    All calls come from one event loop.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._free = limit
        self._waiters: FairQueue[asyncio.Future[None]] = FairQueue()
        self._stopped = False

    async def acquire(self, group: Hashable) -> Slot:
        """Wait for a slot. Raises RunStopped once `stop` was called."""
        if self._stopped:
            raise RunStopped
        if self._free:
            self._free -= 1
            return Slot(self)
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.add(group, waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and not waiter.exception():
                self.pass_on()  # it was granted at the moment of the cancellation
            self._waiters.remove(group, waiter)
            raise
        return Slot(self)

    def waiting(self, group: Hashable) -> int:
        """Return how many callers of a group wait for a slot."""
        return self._waiters.count(group)

    @property
    def is_unused(self) -> bool:
        """Return whether all slots are free; then no caller waits."""
        return self._free == self.limit

    def pass_on(self) -> None:
        """Give a slot to the next waiter; without one, make it available."""
        while (waiter := self._waiters.take()) is not None:
            if not waiter.done():
                waiter.set_result(None)
                return
        self._free += 1

    def stop(self) -> None:
        """Grant no more slots: raise RunStopped in all waiters, now and later."""
        self._stopped = True
        while (waiter := self._waiters.take()) is not None:
            if not waiter.done():
                waiter.set_exception(RunStopped())
