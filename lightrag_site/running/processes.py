"""Programs as child processes: started, ended in good order, and started again."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from lightrag_site import parent_death_signal

LONGEST_DELAY = 30.0
SETTLED = 60.0
"""A child that ran so many seconds counts as having started well."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. `patience`: seconds between the stop signal and the killing one.

    Output goes to `log`, or where ours goes; of a `quiet` one only standard error.
    """

    name: str
    argv: tuple[str, ...]
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 10.0
    environment: Mapping[str, str] = field(default_factory=dict)
    owner: tuple[int, int] | None = None
    log: Path | None = None
    quiet: bool = False
    keep_fds: tuple[int, ...] = ()


class Child:
    """A program that is to run until it is stopped."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._process = _launch(program)
        self._started = time.monotonic()
        self._failures = 0
        self._due: float | None = None

    @property
    def pid(self) -> int:
        """The process, which is also its process group."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def revive(self) -> None:
        """Start it again if it died: at once, then ever later, 30 s at most."""
        now = time.monotonic()
        if self.is_alive():
            return
        if self._due is None:
            settled = now - self._started > SETTLED
            self._failures = 1 if settled else self._failures + 1
            delay = min(2.0 ** (self._failures - 1) - 1.0, LONGEST_DELAY)
            self._due = now + delay
            logger.error(
                "%s ended with %s; it starts again in %.0f s",
                self.program.name,
                self._process.returncode,
                delay,
            )
        if now >= self._due:
            self._sweep_group()
            self._process, self._started, self._due = _launch(self.program), now, None

    def ask_to_stop(self) -> None:
        """Send the stop signal; returns at once."""
        if self.is_alive():
            with suppress(ProcessLookupError):
                self._process.send_signal(self.program.stop_signal)

    def wait(self, seconds: float) -> None:
        """Wait for its end; kill it and all it started when that takes longer."""
        try:
            self._process.wait(max(seconds, 0.0))
        except subprocess.TimeoutExpired:
            logger.warning("%s does not stop; it is killed", self.program.name)
        self._sweep_group()
        self._process.wait()

    def _sweep_group(self) -> None:
        """Nothing of the process group is left."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


def stop(children: Iterable[Child]) -> None:
    """Stop them side by side."""
    asked = list(children)
    for child in asked:
        child.ask_to_stop()
    began = time.monotonic()
    for child in asked:
        child.wait(began + child.program.patience - time.monotonic())


def _launch(program: Program) -> subprocess.Popen[bytes]:
    """In a process group of its own: the terminal's Ctrl-C reaches the supervisor alone."""
    owner = program.owner or (None, None)
    with ExitStack() as stack:
        output = stack.enter_context(program.log.open("ab")) if program.log else None
        return subprocess.Popen(  # noqa: S603 - our own programs
            program.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if program.quiet else output,
            stderr=subprocess.STDOUT if output else None,
            env={**os.environ, **program.environment},
            process_group=0,
            pass_fds=program.keep_fds,
            user=owner[0],
            group=owner[1],
            extra_groups=[] if program.owner else None,
            preexec_fn=partial(
                parent_death_signal.tell_me, program.stop_signal, os.getpid()
            ),
        )
