"""What a crash round kills, or takes away for a while."""

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

MARKS = {
    "ingesting process": "lightrag_site.celery",
    "worker": "lightrag_site.celery",
    "web": "lightrag_site.serving.web",
    "Redis": "valkey",
    "PostgreSQL": "rag_storage/postgres",
    "relay": "running.relay",
}
DISK_MEGABYTES = 400
PIECE = 1 << 16
AWAY_SECONDS = 10.0


def kill(live: LiveServer, victim: str) -> None:
    """SIGKILL. A worker is killed with all its processes, an ingesting process alone."""
    process = find(live, victim)
    if process is None:
        return
    if victim == "ingesting process":
        process = busiest(process.children())
    for child in process.children() if victim == "worker" else []:
        child.kill()
    process.kill()


def find(live: LiveServer, victim: str) -> psutil.Process | None:
    """One that is starting again cannot be killed: it is waited for."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for child in psutil.Process(live.process.pid).children():
            named = any(MARKS[victim] in word for word in child.cmdline())
            if named and (victim != "ingesting process" or child.children()):
                return child
        time.sleep(0.05)
    return None


def busiest(processes: list[psutil.Process]) -> psutil.Process:
    """The one that did most: beat and idle ones are among them."""
    return max(processes, key=lambda one: sum(one.cpu_times()[:2]))


def fill_disk(live: LiveServer) -> None:
    """Leave PostgreSQL no room for a while, then as much as before."""
    folder = live.folder / "rag_storage"
    weight = folder / "weight"
    with weight.open("wb") as file, suppress(OSError):
        for number in range(DISK_MEGABYTES * 16):
            os.posix_fallocate(file.fileno(), number * PIECE, PIECE)
    time.sleep(AWAY_SECONDS)
    weight.unlink()


def fail_every_third(provider: ReplayingProvider) -> None:
    """From now on; the round's end makes it well again."""
    provider.failing = True


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """All data on a small file system of its own; root alone can make one."""
    place = folder / "rag_storage"
    place.mkdir()
    size = f"size={DISK_MEGABYTES}m"
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(place)], check=True
    )
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)
