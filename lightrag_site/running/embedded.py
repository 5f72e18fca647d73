"""Both embedded databases of a working directory, as one thing with one owner."""

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
from lightrag_site.configuration.config import LightRAGConfig
from lightrag_site.errors import SettingError
from lightrag_site.running import embedded_postgres, embedded_valkey
from lightrag_site.running.processes import Child, stop

OWNER_STARTS_WITHIN = 30.0
PROBES_LAST = 1.0
"""Seconds: a command that looks whether the lock is held holds it for a moment."""


@contextmanager
def owned(config: LightRAGConfig) -> Iterator[list[Child]]:
    """Start what is not named elsewhere; stopped when the block ends, Valkey first.

    Raises SettingError when another process has started them in this directory.
    """
    here = paths.of(config.server.working_dir)
    children: list[Child] = []
    with _lock(here.lock, patience=PROBES_LAST):
        try:
            if config.stores.embedded_postgres:
                children.append(embedded_postgres.start(here))
            if not config.stores.redis_url:
                children.append(embedded_valkey.start(here))
            yield children
        finally:
            for child in reversed(children):
                stop([child])


@contextmanager
def available(config: LightRAGConfig) -> Iterator[None]:
    """The databases of a running `lightrag-server`, or started for this block."""
    if not config.stores.embedded_postgres or _run_by_another(config):
        yield
        return
    config.server.working_dir.mkdir(parents=True, exist_ok=True)
    with owned(config):
        yield


def _run_by_another(config: LightRAGConfig) -> bool:
    """Whether they answer; an owner that is still starting them is waited for."""
    here = paths.of(config.server.working_dir)
    end = time.monotonic() + OWNER_STARTS_WITHIN
    while not embedded_postgres.answers(here):
        if not _is_locked(here.lock) or time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def _is_locked(path: Path) -> bool:
    try:
        with _lock(path, patience=0.0):
            return False
    except SettingError:
        return True


@contextmanager
def _lock(path: Path, *, patience: float) -> Iterator[None]:
    """Held as long as this process lives, whatever ends it; names its holder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        _take(file, path.parent, time.monotonic() + patience)
        file.truncate(0)
        file.write(f"process {os.getpid()} ({Path(sys.argv[0]).name})")
        file.flush()
        yield


def _take(file: TextIO, folder: Path, end: float) -> None:
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise _in_use(file, folder) from None
        time.sleep(0.05)


def _in_use(file: TextIO, folder: Path) -> SettingError:
    file.seek(0)
    holder = file.read().strip() or "another process"
    problem = f"{folder} is in use by {holder}"
    return SettingError("WORKING_DIR", problem, "Stop that first, or set another")
