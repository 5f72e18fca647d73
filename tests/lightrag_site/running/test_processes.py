"""Child processes: restart, stop, and their process groups."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from weakref import WeakSet

import psutil
import pytest

from lightrag_site.running import processes
from lightrag_site.running.processes import Child, Program, stop

TIMEOUT = 10.0


def sleeper(
    code: str = "import time; time.sleep(60)", stop_timeout: float = 5
) -> Child:
    return Child(
        Program("sleeper", (sys.executable, "-c", code), stop_timeout=stop_timeout)
    )


def restarted(child: Child, old_pid: int) -> bool:
    deadline = time.monotonic() + TIMEOUT
    while child.pid == old_pid and time.monotonic() < deadline:
        child.restart_if_dead()
        time.sleep(0.02)
    return child.pid != old_pid


def test_a_dead_child_is_restarted_with_growing_delay() -> None:
    child = sleeper()
    try:
        for limit in (0.8, 3.0):
            before, started = child.pid, time.monotonic()
            psutil.Process(before).kill()
            assert restarted(child, before)
            assert time.monotonic() - started < limit
        assert time.monotonic() - started > 0.9
    finally:
        stop([child])


def test_a_running_child_is_not_restarted() -> None:
    child = sleeper()
    before = child.pid
    child.restart_if_dead()
    assert child.pid == before
    stop([child])
    assert not child.is_alive()


def test_a_child_that_ignores_the_signal_is_killed_with_its_group() -> None:
    ignoring = (
        "import signal, subprocess, sys, time;"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "time.sleep(60)"
    )
    child = sleeper(ignoring, stop_timeout=0.1)
    family = psutil.Process(child.pid)
    deadline = time.monotonic() + TIMEOUT
    while not family.children() and time.monotonic() < deadline:
        time.sleep(0.02)
    processes = [family, *family.children()]
    stop([child])
    assert psutil.wait_procs(processes, timeout=TIMEOUT)[1] == []


def test_children_stop_concurrently(tmp_path: Path) -> None:
    slow = (
        "import pathlib, signal, sys, time;"
        "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.5), sys.exit()));"
        "pathlib.Path({!r}).touch(); time.sleep(60)"
    )
    files = [tmp_path / str(number) for number in range(3)]
    children = [sleeper(slow.format(str(file))) for file in files]
    deadline = time.monotonic() + TIMEOUT
    while not all(file.exists() for file in files):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    started = time.monotonic()
    stop(children)
    assert time.monotonic() - started < 1.4


def test_programs_can_be_ended_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # Otherwise the PostgreSQL of the tests, a program of this process, is ended too.
    monkeypatch.setattr(processes, "_running", WeakSet())
    ignoring = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "time.sleep(60)"
    )
    child = sleeper(ignoring, stop_timeout=TIMEOUT)
    started = time.monotonic()
    timer = threading.Timer(0.3, processes.abort)
    timer.start()
    stop([child])
    assert time.monotonic() - started < TIMEOUT
    timer.join()


def test_a_program_is_stopped_if_its_start_is_interrupted() -> None:
    child = sleeper()
    with pytest.raises(KeyboardInterrupt), processes.stopped_on_error(child):
        raise KeyboardInterrupt
    assert not child.is_alive()
