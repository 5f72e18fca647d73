"""Child processes: start, stop and restart."""

from __future__ import annotations

import logging
import math
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from weakref import WeakSet

from lightrag_site import parent_death_signal

MAX_RESTART_DELAY = 30.0
"""Upper bound on the seconds between a failure and the restart."""
MIN_START_INTERVAL = 1.0
"""Minimum seconds between two starts of a program that is started on demand."""
STABLE_AFTER = 60.0
"""Seconds after which a failure does not count as a failed start."""
logger = logging.getLogger(__name__)
_running: WeakSet[Child] = WeakSet()
"""All programs of this process, for `abort`."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program to run.

    `stop_timeout` is the number of seconds between the stop signal and SIGKILL, and
    `abort_signal` is sent instead if the user does not want to wait. Output
    goes to `log`, by default to the output of this process. Standard output of a
    `quiet` program is discarded. Without `inherit_environment` the program gets only the
    variables of `environment`.
    """

    name: str
    argv: tuple[str, ...]
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout: float = 6.0
    abort_signal: signal.Signals = signal.SIGKILL
    environment: Mapping[str, str] = field(default_factory=dict)
    owner: tuple[int, int] | None = None
    log: Path | None = None
    quiet: bool = False
    keep_fds: tuple[int, ...] = ()
    inherit_environment: bool = True


class Child:
    """A running program, which is restarted when it fails."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._process = _launch(program)
        self._started = time.monotonic()
        self._failures = 0
        self._due: float | None = None
        _running.add(self)

    @property
    def pid(self) -> int:
        """Return the process id, which is also the id of its process group."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Return whether the process runs."""
        return self._process.poll() is None

    def restart_if_dead(self) -> None:
        """Restart the program if it exited: at once, then after growing delays."""
        now = time.monotonic()
        if self.is_alive():
            return
        if self._due is None:
            was_stable = now - self._started > STABLE_AFTER
            self._failures = 1 if was_stable else self._failures + 1
            delay = min(2.0 ** (self._failures - 1) - 1.0, MAX_RESTART_DELAY)
            self._due = now + delay
            logger.error(
                "%s exited with status %s; restarting in %.0f s",
                self.program.name,
                self._process.returncode,
                delay,
            )
        if now >= self._due:
            self._kill_group()
            self._process, self._started, self._due = _launch(self.program), now, None

    def send_stop_signal(self) -> None:
        """Send the stop signal without waiting."""
        if self.is_alive():
            with suppress(ProcessLookupError):
                self._process.send_signal(self.program.stop_signal)

    def abort(self) -> None:
        """End the program at once."""
        if self.is_alive():
            with suppress(ProcessLookupError):
                os.kill(self.pid, self.program.abort_signal)

    def wait(self, seconds: float) -> None:
        """Wait for the exit; kill the process group after that time."""
        try:
            self._process.wait(max(seconds, 0.0))
        except subprocess.TimeoutExpired:
            logger.warning("%s did not stop in time; killing it", self.program.name)
        self._kill_group()
        self._process.wait()

    def _kill_group(self) -> None:
        """Kill what is left of the process group."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


class OnDemandChild:
    """A program that starts when a connection arrives on a socket, and may end when idle.

    The program inherits the listening socket and accepts the connections.
    """

    def __init__(self, program: Program, listening: socket.socket) -> None:
        self.program = program
        self._listening = listening
        self._child: Child | None = None
        self._started = -math.inf

    def restart_if_dead(self) -> None:
        """Start the program if it does not run and a connection waits for it."""
        if self._child is not None and not self._child.is_alive():
            self._child.wait(0.0)
            self._child = None
        if self._child is None and self._may_start():
            self._child, self._started = Child(self.program), time.monotonic()

    def send_stop_signal(self) -> None:
        """Send the stop signal without waiting."""
        if self._child is not None:
            self._child.send_stop_signal()

    def wait(self, seconds: float) -> None:
        """Wait for the exit; kill the process group after that time."""
        if self._child is not None:
            self._child.wait(seconds)

    def _may_start(self) -> bool:
        if time.monotonic() - self._started < MIN_START_INTERVAL:
            return False
        readable, _, _ = select.select([self._listening], [], [], 0.0)
        return bool(readable)


AnyChild = Child | OnDemandChild


def stop(children: Iterable[AnyChild]) -> None:
    """Stop all children concurrently."""
    stopping = list(children)
    for child in stopping:
        child.send_stop_signal()
    started = time.monotonic()
    for child in stopping:
        child.wait(started + child.program.stop_timeout - time.monotonic())


@contextmanager
def stopped_on_error(child: Child) -> Iterator[None]:
    """Stop a program if the block fails or is interrupted."""
    try:
        yield
    except BaseException:
        stop([child])
        raise


def abort() -> None:
    """End all programs at once; what waits for them continues. Called by a signal handler."""
    for child in list(_running):
        child.abort()


def _launch(program: Program) -> subprocess.Popen[bytes]:
    """Start the program in its own process group, which Ctrl-C does not reach."""
    owner = program.owner or (None, None)
    with ExitStack() as stack:
        output = stack.enter_context(program.log.open("ab")) if program.log else None
        return subprocess.Popen(  # noqa: S603 - our own programs
            program.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if program.quiet else output,
            stderr=subprocess.STDOUT if output else None,
            env={
                **(os.environ if program.inherit_environment else {}),
                **program.environment,
            },
            process_group=0,
            pass_fds=program.keep_fds,
            user=owner[0],
            group=owner[1],
            extra_groups=[] if program.owner else None,
            preexec_fn=partial(
                parent_death_signal.signal_when_parent_exits,
                program.stop_signal,
                os.getpid(),
            ),
        )
