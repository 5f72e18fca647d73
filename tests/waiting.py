"""Wait for a condition that another thread or process makes true."""

from __future__ import annotations

import time
from collections.abc import Callable

LONGEST_SECONDS = 30.0


def wait_until(condition: Callable[[], bool]) -> None:
    """Return once `condition` is true. Raise AssertionError after LONGEST_SECONDS."""
    end = time.monotonic() + LONGEST_SECONDS
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    assert condition()
