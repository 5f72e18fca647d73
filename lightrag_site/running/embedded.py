"""The embedded databases of a working directory, which one process owns."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from lightrag_site import paths
from lightrag_site.configuration.config_classes import LightRAGConfig
from lightrag_site.errors import SettingError
from lightrag_site.running import embedded_postgres, embedded_valkey
from lightrag_site.running.processes import Child, stop

OWNER_START_TIMEOUT = 30.0
PROBE_TIMEOUT = 1.0
"""Seconds to wait for a process that only tests whether the lock is held."""


@contextmanager
def own_databases(config: LightRAGConfig) -> Iterator[list[Child]]:
    """Start the databases that are not configured elsewhere; stop them at the end.

    Raise SettingError if another process has started them in this directory.
    """
    data_paths = paths.of(config.server.working_dir)
    children: list[Child] = []
    with _lock(data_paths.lock, timeout=PROBE_TIMEOUT):
        try:
            if config.stores.embedded_postgres:
                children.append(embedded_postgres.start(data_paths))
            if not config.stores.redis_url:
                children.append(embedded_valkey.start(data_paths))
            yield children
        finally:
            for child in reversed(children):
                stop([child])


@contextmanager
def available(config: LightRAGConfig) -> Iterator[None]:
    """Use the databases of a running `lightrag-server`, or start them for this block."""
    if not config.stores.embedded_postgres or _run_by_another(config):
        yield
        return
    config.server.working_dir.mkdir(parents=True, exist_ok=True)
    with own_databases(config):
        yield


def _run_by_another(config: LightRAGConfig) -> bool:
    """Return whether another process runs them; wait if it is still starting."""
    data_paths = paths.of(config.server.working_dir)
    deadline = time.monotonic() + OWNER_START_TIMEOUT
    while not embedded_postgres.answers(data_paths):
        if not _is_locked(data_paths.lock) or time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _is_locked(path: Path) -> bool:
    try:
        with _lock(path, timeout=0.0):
            return False
    except SettingError:
        return True


@contextmanager
def _lock(path: Path, *, timeout: float) -> Iterator[None]:
    """Hold a lock that the operating system releases when this process exits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        _acquire(file, path.parent, time.monotonic() + timeout)
        file.truncate(0)
        file.write(f"process {os.getpid()} ({Path(sys.argv[0]).name})")
        file.flush()
        yield


def _acquire(file: TextIO, folder: Path, deadline: float) -> None:
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise _in_use(file, folder) from None
        time.sleep(0.05)


def _in_use(file: TextIO, folder: Path) -> SettingError:
    file.seek(0)
    holder = file.read().strip() or "another process"
    problem = f"{folder} is in use by {holder}"
    return SettingError(
        "WORKING_DIR", problem, "Stop that process, or set another folder"
    )
