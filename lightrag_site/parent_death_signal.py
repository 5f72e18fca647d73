"""A process that ends when its parent does, however that ended. Linux only.

Elsewhere a killed supervisor leaves its children to be ended by hand.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def kill_me_then() -> None:
    """SIGKILL for this process when its parent is gone."""
    tell_me(signal.SIGKILL, os.getppid())


def tell_me(signal_number: int, parent: int) -> None:
    """Send this process the signal when `parent`, its parent, is gone.

    Called between fork and exec too, so it takes no lock and opens nothing.
    """
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal_number)
