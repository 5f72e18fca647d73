"""`lightrag-server` on the real thing: it starts, serves, stops, and finds its data."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(*given: str) -> list[str]:
    return [sys.executable, "-m", "lightrag_site.server", "--host", "127.0.0.1", *given]


def environment(**more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "LLM_BINDING": "fake",
        "EMBEDDING_BINDING": "fake",
        "WORKERS": "1",
        **more,
    }


@contextmanager
def running(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "output").open("ab") as output:
        server = subprocess.Popen(
            command("--port", str(port)),
            cwd=folder,
            env=environment(),
            stdout=output,
            stderr=output,
        )
    try:
        wait_for_health(server, port, folder)
        yield server
    finally:
        server.terminate()
        server.wait(PATIENCE)


def wait_for_health(
    server: subprocess.Popen[bytes], port: int, folder: Path
) -> dict[str, object]:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert server.poll() is None, (folder / "output").read_text()
        try:
            url = f"http://127.0.0.1:{port}/health"
            with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                found: dict[str, object] = json.load(answer)
                return found
        except OSError:
            time.sleep(0.1)
    raise AssertionError((folder / "output").read_text())


def family(server: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(server.pid).children(recursive=True)


def still_alive(
    processes: list[psutil.Process], seconds: float
) -> list[psutil.Process]:
    return list(psutil.wait_procs(processes, timeout=seconds)[1])


def test_it_starts_stops_without_a_trace_and_finds_its_data(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, port) as server:
        first = family(server)
        assert {"postgres", "valkey-server"} <= {child.name() for child in first}
        server.terminate()
        assert server.wait(PATIENCE) == 0
        assert still_alive(first, 0.5) == []
    password = (tmp_path / "rag_storage" / "admin-password").read_text()
    secret = (tmp_path / "rag_storage" / "secret-key").read_text()
    with running(tmp_path, port) as server:
        second = family(server)
        os.kill(server.pid, signal.SIGKILL)
        server.wait(PATIENCE)
        assert still_alive(second, 20) == [], "children of a killed supervisor live on"
    assert (tmp_path / "rag_storage" / "admin-password").read_text() == password
    assert (tmp_path / "rag_storage" / "secret-key").read_text() == secret
    banners = (tmp_path / "output").read_text()
    assert banners.count(password) == 1


def said(folder: Path, *given: str, **more: str) -> str:
    """What it says on standard error, having ended with exit code 2."""
    done = subprocess.run(
        command(*given),
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        assert said(tmp_path, "--port", str(port)).startswith(
            f"lightrag-server: PORT: {port} is in use on 127.0.0.1. "
        )
    assert not (tmp_path / "rag_storage").exists()


def test_an_unreachable_broker_is_one_line(tmp_path: Path) -> None:
    nobody = f"redis://127.0.0.1:{free_port()}"
    line = said(
        tmp_path,
        *("--port", str(free_port()), "--only", "web"),
        REDIS_URL=nobody,
        DATABASE_URL="",
    )
    assert line.startswith("lightrag-server: DATABASE_URL: it is not set and no")


def test_a_working_directory_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    line = said(
        tmp_path, "--port", str(free_port()), WORKING_DIR=str(tmp_path / "file" / "x")
    )
    assert line.startswith("lightrag-server: WORKING_DIR: ")
