"""Paths of the files and folders in the working directory."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

MAX_SOCKET_PATH = 100
"""Upper bound on the path of a Unix socket: macOS allows 104 bytes, Linux 108."""


@dataclass(frozen=True, slots=True)
class DataPaths:
    """Files and folders of one working directory."""

    working_dir: Path
    postgres_data: Path
    postgres_socket_dir: Path
    postgres_log: Path
    valkey_data: Path
    valkey_socket: Path
    lock: Path
    secret_key: Path
    admin_password: Path

    @property
    def postgres_socket(self) -> Path:
        """Return the path of the socket, with the name that PostgreSQL gives it."""
        return self.postgres_socket_dir / ".s.PGSQL.5432"


def of(working_dir: Path) -> DataPaths:
    """Return the paths for a working directory; create nothing.

    If the path of a socket would be too long, the sockets are in a folder below /tmp that
    only its owner can access.
    """
    postgres = working_dir / "postgres"
    valkey = working_dir / "valkey"
    postgres_sockets, valkey_sockets = postgres, valkey
    if len(os.fsencode(postgres / ".s.PGSQL.5432")) > MAX_SOCKET_PATH:
        name = hashlib.sha256(os.fsencode(working_dir)).hexdigest()[:16]
        socket_dir = Path(f"/tmp/lightrag-{os.getuid()}-{name}")  # noqa: S108
        postgres_sockets, valkey_sockets = (
            socket_dir / "postgres",
            socket_dir / "valkey",
        )
    return DataPaths(
        working_dir=working_dir,
        postgres_data=postgres,
        postgres_socket_dir=postgres_sockets,
        postgres_log=working_dir / "postgres.log",
        valkey_data=valkey,
        valkey_socket=valkey_sockets / "valkey.sock",
        lock=working_dir / "lock",
        secret_key=working_dir / "secret-key",
        admin_password=working_dir / "admin-password",
    )
