"""Stop signals to a whole server: how fast it ends, and that no process is left."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests import live_server

STOP_SECONDS = 10.0
ABORT_SECONDS = 2.0
SLOW_MODEL = {
    "LLM_BINDING": "fake",
    "FAKE_LLM_LATENCY": "20",
    "EMBEDDING_BINDING": "fake",
    "WORKERS": "1",
}
LARGE = " ".join(f"Sentence {number} of a long text." for number in range(400_000))


def family(server: subprocess.Popen[bytes]) -> list[psutil.Process]:
    process = psutil.Process(server.pid)
    return [process, *process.children(recursive=True)]


def seconds_to_end(
    server: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM
) -> float:
    """Send a signal; return the seconds until the end. Check that no process is left."""
    processes = family(server)
    started = time.monotonic()
    server.send_signal(number)
    server.wait(60)
    seconds = time.monotonic() - started
    _, alive = psutil.wait_procs(processes, timeout=1.0)
    zombie = psutil.STATUS_ZOMBIE  # it has ended, but init has not noticed
    assert [process for process in alive if process.status() != zombie] == []
    return seconds


@contextmanager
def starting(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server, and do not wait for it."""
    environment = {**live_server.untouched(), **SLOW_MODEL}
    environment["PYTHONPATH"] = str(Path(__file__).parents[3])
    port = f"--port={live_server.free_port()}"
    with (folder / "output").open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "lightrag_site.server", "--host=127.0.0.1", port],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=output,
        )
        try:
            yield server
        finally:
            server.kill()
            server.wait()


def wait_for_process(server: subprocess.Popen[bytes], word: str) -> None:
    """Wait until a process of the server has this word in its command."""
    deadline = time.monotonic() + live_server.START_SECONDS
    while time.monotonic() < deadline:
        for process in family(server):
            try:
                if word in " ".join(process.cmdline()):
                    return
            except psutil.NoSuchProcess:
                pass
        time.sleep(0.05)
    raise AssertionError(word)


def test_a_server_stops_while_it_starts() -> None:
    with live_server.scratch_folder() as folder:
        for step in ("initdb", "bin/postgres", "running.preparation"):
            with starting(folder) as server:
                wait_for_process(server, step)
                assert seconds_to_end(server) < STOP_SECONDS
                assert server.returncode == 0


def test_a_server_stops_during_ingestion() -> None:
    with live_server.started(SLOW_MODEL) as server:
        upload = {"text": "Ada Lovelace wrote a program.", "file_source": "a.txt"}
        server.client.post("/documents/text", json=upload).raise_for_status()
        deadline = time.monotonic() + live_server.START_SECONDS
        while time.monotonic() < deadline:
            counts = server.client.get("/documents/status_counts").json()
            if counts["status_counts"]["processing"]:
                break
            time.sleep(0.1)
        assert seconds_to_end(server.process) < STOP_SECONDS


def test_a_server_stops_while_it_parses_and_a_second_signal_ends_it() -> None:
    with live_server.scratch_folder() as folder:
        with live_server.started(SLOW_MODEL, folder) as server:
            upload = {"text": LARGE, "file_source": "large.txt"}
            server.client.post("/documents/text", json=upload).raise_for_status()
            wait_for_process(server.process, "parse_process")
            assert seconds_to_end(server.process) < STOP_SECONDS
        with live_server.started(SLOW_MODEL, folder) as server:
            server.process.send_signal(signal.SIGINT)
            time.sleep(0.2)
            assert seconds_to_end(server.process, signal.SIGINT) < ABORT_SECONDS
