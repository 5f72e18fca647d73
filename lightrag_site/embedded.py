"""PostgreSQL and Valkey out of wheels, for machines that have none."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Protocol

with warnings.catch_warnings():
    # platformdirs warns of a missing XDG_RUNTIME_DIR, which is how servers run.
    warnings.simplefilter("ignore")
    import pgserver


class PostgresServer(Protocol):
    """What we use of pgserver's server."""

    def cleanup(self) -> None:
        """Leave it; the last process to do so stops it."""

    def psql(self, command: str) -> str:
        """Run a statement as the superuser."""


def start_postgres(data_dir: Path) -> PostgresServer:
    """Start PostgreSQL on the unix socket in `data_dir`, made there if need be.

    As root it runs as a system user of its own, so the parents of `data_dir` must be
    traversable by others.
    """
    server: PostgresServer = pgserver.get_server(data_dir, cleanup_mode="stop")
    return server
