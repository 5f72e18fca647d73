"""The start gate: web processes wait at it until the database is prepared.

They load their modules meanwhile, which takes longer than the preparation. The gate is a
pipe: the processes read from it, and the supervisor opens it by closing its end.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from lightrag_site.configuration.environment import START_GATE


class StartGate:
    """The supervisor's end of the gate. A process started later does not wait."""

    def __init__(self) -> None:
        self.descriptor, self._opener = os.pipe()

    def open(self) -> None:
        """Let all processes continue."""
        if self._opener >= 0:
            os.close(self._opener)
            self._opener = -1


@contextmanager
def closed() -> Iterator[StartGate]:
    """Yield a gate that is closed; release its descriptors at the end."""
    gate = StartGate()
    try:
        yield gate
    finally:
        gate.open()
        os.close(gate.descriptor)


def wait() -> None:
    """Wait until the supervisor opens the gate; return at once without one."""
    descriptor = os.environ.pop(START_GATE, "")
    if descriptor:
        with os.fdopen(int(descriptor), "rb") as gate:
            gate.read()
