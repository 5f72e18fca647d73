"""What stands where in the working directory."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

LONGEST_SOCKET = 100
"""Unix sockets take paths of 104 (macOS) to 108 bytes (Linux)."""


@dataclass(frozen=True, slots=True)
class Places:
    """The files and folders of one working directory."""

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
        """The socket itself, as PostgreSQL names it."""
        return self.postgres_socket_dir / ".s.PGSQL.5432"


def of(working_dir: Path) -> Places:
    """The places of a working directory; makes nothing.

    Where its path is too long for a socket, the sockets stand in a folder below /tmp
    that only their owner can enter.
    """
    postgres = working_dir / "postgres"
    valkey = working_dir / "valkey"
    postgres_sockets, valkey_sockets = postgres, valkey
    if len(os.fsencode(postgres / ".s.PGSQL.5432")) > LONGEST_SOCKET:
        name = hashlib.sha256(os.fsencode(working_dir)).hexdigest()[:16]
        short = Path(f"/tmp/lightrag-{os.getuid()}-{name}")  # noqa: S108
        postgres_sockets, valkey_sockets = short / "postgres", short / "valkey"
    return Places(
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
