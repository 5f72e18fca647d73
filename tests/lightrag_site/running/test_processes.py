"""Children: kept running, stopped in order, and nothing of them left."""

from __future__ import annotations

import sys
import time

import psutil

from lightrag_site.running.processes import Child, Program, stop

PATIENCE = 10.0


def sleeper(code: str = "import time; time.sleep(60)", patience: float = 5) -> Child:
    return Child(Program("sleeper", (sys.executable, "-c", code), patience=patience))


def revived(child: Child, than: int) -> bool:
    end = time.monotonic() + PATIENCE
    while child.pid == than and time.monotonic() < end:
        child.revive()
        time.sleep(0.02)
    return child.pid != than


def test_a_child_that_died_is_started_again_and_later_the_second_time() -> None:
    child = sleeper()
    try:
        for slowest in (0.8, 3.0):
            before, began = child.pid, time.monotonic()
            psutil.Process(before).kill()
            assert revived(child, before)
            assert time.monotonic() - began < slowest
        assert time.monotonic() - began > 0.9
    finally:
        stop([child])


def test_a_child_that_lives_is_left_alone() -> None:
    child = sleeper()
    before = child.pid
    child.revive()
    assert child.pid == before
    stop([child])
    assert not child.is_alive()


def test_a_child_that_will_not_stop_is_killed_with_all_it_started() -> None:
    deaf = (
        "import signal, subprocess, sys, time;"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "time.sleep(60)"
    )
    child = sleeper(deaf, patience=0.1)
    family = psutil.Process(child.pid)
    end = time.monotonic() + PATIENCE
    while not family.children() and time.monotonic() < end:
        time.sleep(0.02)
    processes = [family, *family.children()]
    stop([child])
    assert psutil.wait_procs(processes, timeout=PATIENCE)[1] == []


def test_children_are_told_to_stop_side_by_side() -> None:
    slow = (
        "import signal, sys, time;"
        "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.5), sys.exit()));"
        "print(flush=True); time.sleep(60)"
    )
    children = [sleeper(slow), sleeper(slow), sleeper(slow)]
    time.sleep(0.5)
    began = time.monotonic()
    stop(children)
    assert time.monotonic() - began < 1.4
