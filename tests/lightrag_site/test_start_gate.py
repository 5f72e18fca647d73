"""The gate at which web processes wait for the database."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from lightrag_site import start_gate
from lightrag_site.configuration.environment import START_GATE
from lightrag_site.start_gate import StartGate

PROGRAM = "from lightrag_site import start_gate; start_gate.wait(); print('on')"


@pytest.fixture
def gate() -> Iterator[StartGate]:
    with start_gate.closed() as gate:
        yield gate


def start(gate: StartGate) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdout=subprocess.PIPE,
        env={**os.environ, START_GATE: str(gate.descriptor)},
        pass_fds=[gate.descriptor],
    )


def test_a_process_waits_until_the_gate_is_open(gate: StartGate) -> None:
    with start(gate) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1.0)
        gate.open()
        assert process.communicate(timeout=20)[0] == b"on\n"


def test_a_process_that_is_started_later_does_not_wait(gate: StartGate) -> None:
    gate.open()
    with start(gate) as process:
        assert process.communicate(timeout=20)[0] == b"on\n"


def test_a_process_without_a_supervisor_does_not_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(START_GATE, raising=False)
    start_gate.wait()
