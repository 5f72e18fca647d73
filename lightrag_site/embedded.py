"""Both embedded databases of a working directory, as one thing with one owner."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lightrag_site import embedded_postgres, embedded_valkey, places
from lightrag_site.config import LightRAGConfig
from lightrag_site.errors import SettingError
from lightrag_site.processes import Child, stop

OWNER_STARTS_WITHIN = 30.0


@contextmanager
def owned(config: LightRAGConfig) -> Iterator[list[Child]]:
    """Start what is not named elsewhere; stopped when the block ends, Valkey first.

    Raises SettingError when another process has started them in this directory.
    """
    here = places.of(config.server.working_dir)
    children: list[Child] = []
    with _lock(here.lock):
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
    here = places.of(config.server.working_dir)
    end = time.monotonic() + OWNER_STARTS_WITHIN
    while not embedded_postgres.answers(here):
        if not _is_locked(here.lock) or time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def _is_locked(path: Path) -> bool:
    try:
        with _lock(path):
            return False
    except SettingError:
        return True


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Held as long as this process lives, whatever ends it; names its holder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise SettingError(
                "WORKING_DIR",
                f"{path.parent} is in use by {file.read().strip() or 'another process'}",
                "Stop that first, or set another",
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()} ({Path(sys.argv[0]).name})")
        file.flush()
        yield
