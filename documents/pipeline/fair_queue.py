"""A queue that serves its groups in rotation, and each group first in, first out."""

from __future__ import annotations

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
