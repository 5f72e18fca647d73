"""Faults of a crash round: killed processes, a full disk, a failing provider."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.benchmarks.replaying_provider import ReplayingProvider
from tests.live_server import LiveServer

COMMAND_PARTS = {
    "ingesting process": "lightrag_site.celery",
    "worker": "lightrag_site.celery",
    "web": "lightrag_site.serving.web",
    "Redis": "valkey",
    "PostgreSQL": "rag_storage/postgres",
    "relay": "running.relay",
}
DISK_MEGABYTES = 400
BLOCK_BYTES = 1 << 16
DISK_FULL_SECONDS = 10.0


def kill(live: LiveServer, name: str) -> None:
    """Send SIGKILL: to a worker and its child processes, or to one process."""
    process = find(live, name)
    if process is None:
        return
    if name == "ingesting process":
        process = busiest(process.children())
    for child in process.children() if name == "worker" else []:
        child.kill()
    process.kill()


def find(live: LiveServer, name: str) -> psutil.Process | None:
    """Return the process; wait for it if it is being restarted."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for child in psutil.Process(live.process.pid).children():
            matches = any(COMMAND_PARTS[name] in word for word in child.cmdline())
            if matches and (name != "ingesting process" or child.children()):
                return child
        time.sleep(0.05)
    return None


def busiest(processes: list[psutil.Process]) -> psutil.Process:
    """Return the process with the most CPU time; beat and idle ones have little."""
    return max(processes, key=lambda process: sum(process.cpu_times()[:2]))


def fill_disk(live: LiveServer) -> None:
    """Fill the disk with the data for DISK_FULL_SECONDS."""
    folder = live.folder / "rag_storage"
    filler = folder / "filler"
    with filler.open("wb") as file, suppress(OSError):
        for number in range(DISK_MEGABYTES * 16):
            os.posix_fallocate(file.fileno(), number * BLOCK_BYTES, BLOCK_BYTES)
    time.sleep(DISK_FULL_SECONDS)
    filler.unlink()


def fail_every_third(provider: ReplayingProvider) -> None:
    """Let every third call fail until the end of the round."""
    provider.failing = True


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a small file system for all data; needs root."""
    mount_point = folder / "rag_storage"
    mount_point.mkdir()
    size = f"size={DISK_MEGABYTES}m"
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(mount_point)], check=True
    )
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(mount_point)], check=False)
