"""A complete server in a temporary folder, with fake models."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import httpx

from lightrag_site.configuration import environment

START_SECONDS = 180


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def untouched() -> dict[str, str]:
    """Return the environment without settings of a server."""
    ours = environment.known_names() | {"DJANGO_SETTINGS_MODULE"}
    return {name: value for name, value in os.environ.items() if name not in ours}


@dataclass(frozen=True, slots=True)
class LiveServer:
    """A running `lightrag-server`; its output goes to `server.log` in its folder."""

    client: httpx.Client
    process: subprocess.Popen[bytes]
    folder: Path
    variables: Mapping[str, str]


@contextmanager
def running(variables: Mapping[str, str]) -> Iterator[httpx.Client]:
    """Start a `lightrag-server` with these variables; yield a client."""
    with started(variables) as server:
        yield server.client


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Create a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="lightrag-live-") as name:
        Path(name).chmod(0o755)  # PostgreSQL is another user when we are root
        yield Path(name)


@contextmanager
def started(
    variables: Mapping[str, str], folder: Path | None = None
) -> Iterator[LiveServer]:
    """Start a server; yield it with its process and folder."""
    port = free_port()
    root = Path(__file__).resolve().parents[1]
    with (
        nullcontext(folder) if folder else scratch_folder() as data_folder,
        (data_folder / "server.log").open("wb") as log,
    ):
        environment_ = {**untouched(), "PYTHONPATH": str(root), **variables}
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "lightrag_site.server",
                "--host=127.0.0.1",
                f"--port={port}",
            ],
            cwd=data_folder,
            env=environment_,
            stdout=log,
            stderr=log,
        )
        try:
            with httpx.Client(
                base_url=f"http://127.0.0.1:{port}", timeout=60
            ) as client:
                wait_for(client, process)
                yield LiveServer(client, process, data_folder, environment_)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def wait_for(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if client.get("/health").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise RuntimeError("The server did not start.")


def wait_for_worker(client: httpx.Client) -> None:
    """Wait until a worker runs, which takes longer than the pages."""
    while not client.get("/health").json()["workers_running"]:
        time.sleep(0.1)


def settle(client: httpx.Client, processed: int) -> None:
    """Wait until this number of documents is processed.

    LightRAG's PostgreSQL stores leave out the counts that are 0.
    """
    while True:
        counts = client.get("/documents/status_counts").json()["status_counts"]
        if counts.get("failed"):
            raise RuntimeError(f"Documents failed: {counts}")
        if counts.get("processed", 0) >= processed:
            return
        time.sleep(0.1)
