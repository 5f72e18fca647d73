"""`lightrag-server` as a process: start, stop, restart and errors."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests import live_server

TIMEOUT = 120.0


@pytest.fixture
def folder() -> Iterator[Path]:
    """Create a folder outside of pytest's, which PostgreSQL's user cannot access."""
    with tempfile.TemporaryDirectory(prefix="lightrag-server-") as name:
        yield Path(name)


def command(*arguments: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "lightrag_site.server",
        "--host",
        "127.0.0.1",
        *arguments,
    ]


def environment(**more: str) -> dict[str, str]:
    return {
        **live_server.untouched(),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "LLM_BINDING": "fake",
        "EMBEDDING_BINDING": "fake",
        "WORKERS": "1",
        **more,
    }


@contextmanager
def running(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    path = folder / "output"
    with path.open("ab") as output:
        banners = path.read_text().count("is ready at")
        server = subprocess.Popen(
            command("--port", str(port)),
            cwd=folder,
            env=environment(),
            stdout=output,
            stderr=output,
        )
    try:
        wait_for_banner(server, path, banners + 1)
        yield server
    finally:
        server.terminate()
        server.wait(TIMEOUT)


def wait_for_banner(
    server: subprocess.Popen[bytes], output: Path, banners: int
) -> None:
    deadline = time.monotonic() + TIMEOUT
    while output.read_text().count("is ready at") < banners:
        assert server.poll() is None, output.read_text()
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.1)


def family(server: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(server.pid).children(recursive=True)


def still_alive(
    processes: list[psutil.Process], seconds: float
) -> list[psutil.Process]:
    """Return the processes that still run; zombies wait for init and do not count."""
    remaining = psutil.wait_procs(processes, timeout=seconds)[1]
    return [
        process
        for process in remaining
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    ]


def test_it_stops_all_processes_and_keeps_its_data(folder: Path) -> None:
    port = live_server.free_port()
    with running(folder, port) as server:
        assert httpx.get(f"http://127.0.0.1:{port}/health").is_success
        first = family(server)
        assert {"postgres", "valkey-server"} <= {child.name() for child in first}
        server.terminate()
        assert server.wait(TIMEOUT) == 0
        assert still_alive(first, 0.5) == []
    password = (folder / "rag_storage" / "admin-password").read_text()
    secret = (folder / "rag_storage" / "secret-key").read_text()
    with running(folder, port) as server:
        second = family(server)
        os.kill(server.pid, signal.SIGKILL)
        server.wait(TIMEOUT)
        assert still_alive(second, 20) == [], (
            "children of a killed supervisor still run"
        )
    assert (folder / "rag_storage" / "admin-password").read_text() == password
    assert (folder / "rag_storage" / "secret-key").read_text() == secret
    banners = (folder / "output").read_text()
    assert password not in banners


def error_line(folder: Path, *arguments: str, **more: str) -> str:
    """Check that the command exits with code 2; return its line on standard error."""
    completed = subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert completed.returncode == 2, completed.stderr
    assert completed.stderr.count("\n") == 1
    return completed.stderr


def test_a_port_in_use_is_reported_in_one_line(folder: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        assert error_line(folder, "--port", str(port)).startswith(
            f"lightrag-server: PORT: {port} is in use on 127.0.0.1. "
        )
    assert not (folder / "rag_storage").exists()


def test_missing_databases_are_reported_in_one_line(folder: Path) -> None:
    unused = f"redis://127.0.0.1:{live_server.free_port()}"
    line = error_line(
        folder,
        *("--port", str(live_server.free_port()), "--only", "web"),
        REDIS_URL=unused,
        DATABASE_URL="",
    )
    assert line.startswith("lightrag-server: DATABASE_URL: not set, and")


def test_an_unwritable_working_directory_is_reported_in_one_line(folder: Path) -> None:
    (folder / "file").touch()
    line = error_line(
        folder,
        "--port",
        str(live_server.free_port()),
        WORKING_DIR=str(folder / "file" / "x"),
    )
    assert line.startswith("lightrag-server: WORKING_DIR: ")
