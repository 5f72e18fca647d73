"""A PostgreSQL that several benchmark processes share; the last one stops it."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Protocol

with warnings.catch_warnings():
    # platformdirs warns if XDG_RUNTIME_DIR is not set, which is normal on servers.
    warnings.simplefilter("ignore")
    from pgserver.postgres_server import get_server

# It logs at exit, after the captured streams are closed.
logging.getLogger("pgserver").setLevel(logging.WARNING)


class PostgresServer(Protocol):
    """The methods of pgserver's server that we use."""

    def cleanup(self) -> None:
        """Release the server; the last process stops it."""

    def psql(self, command: str) -> str:
        """Run a statement as the superuser."""


def start(data_dir: Path) -> PostgresServer:
    """Start PostgreSQL on the unix socket in `data_dir`, created if necessary."""
    server: PostgresServer = get_server(data_dir, cleanup_mode="stop")
    return server
