"""Signals to a process when its parent exits, also if the parent is killed.

Linux only. On other systems the children of a killed supervisor keep running.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def kill_when_parent_exits() -> None:
    """Send SIGKILL to this process when its parent exits."""
    signal_when_parent_exits(signal.SIGKILL, os.getppid())


def signal_when_parent_exits(signal_number: int, parent: int) -> None:
    """Send the signal to this process when its parent, the process `parent`, exits.

    Also called between fork and exec, so it must not take locks or open files.
    """
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal_number)
