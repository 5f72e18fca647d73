"""One PostgreSQL for all parallel processes of a test run; the last one out stops it."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Protocol

with warnings.catch_warnings():
    # platformdirs warns of a missing XDG_RUNTIME_DIR, which is how servers run.
    warnings.simplefilter("ignore")
    from pgserver.postgres_server import get_server

# It logs at exit, when the captured streams are closed.
logging.getLogger("pgserver").setLevel(logging.WARNING)


class PostgresServer(Protocol):
    """What we use of pgserver's server."""

    def cleanup(self) -> None:
        """Leave it; the last process to do so stops it."""

    def psql(self, command: str) -> str:
        """Run a statement as the superuser."""


def start(data_dir: Path) -> PostgresServer:
    """Start PostgreSQL on the unix socket in `data_dir`, made there if need be."""
    server: PostgresServer = get_server(data_dir, cleanup_mode="stop")
    return server
