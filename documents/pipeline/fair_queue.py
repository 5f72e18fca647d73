"""Whose job is next: one of each group in turn, and within it one of each owner."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable


class Turns:
    """Who has jobs waiting. Groups are workspaces, owners documents."""

    def __init__(self) -> None:
        self._groups: dict[Hashable, deque[Hashable]] = {}

    def add(self, group: Hashable, owner: Hashable) -> None:
        """Put an owner behind the others of its group."""
        self._groups.setdefault(group, deque()).append(owner)

    def take(self) -> Hashable | None:
        """The next owner, whose group then stands behind the others; None: nobody."""
        if not self._groups:
            return None
        group = next(iter(self._groups))
        owners = self._groups.pop(group)
        owner = owners.popleft()
        if owners:
            self._groups[group] = owners
        return owner

    def waiting(self, group: Hashable) -> int:
        """How many owners of a group wait for a turn."""
        return len(self._groups.get(group, ()))
