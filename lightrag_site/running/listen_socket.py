"""The listening sockets that the processes of one machine share."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

from lightrag_site.configuration.config_classes import ServerConfig
from lightrag_site.errors import SettingError


def open_socket(server: ServerConfig) -> socket.socket:
    """Listen on HOST and PORT; raise SettingError for the invalid one."""
    try:
        return socket.create_server(
            (server.host, server.port), family=_family(server.host), backlog=2048
        )
    except OSError as error:
        raise _setting_error(error, server) from error


def open_unix_socket(path: Path) -> socket.socket:
    """Listen on a path, which only this user can connect to."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen(64)
    return listening


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _setting_error(error: OSError, server: ServerConfig) -> SettingError:
    if error.errno == errno.EADDRINUSE:
        problem = f"{server.port} is in use on {server.host}"
        return SettingError(
            "PORT", problem, "Stop the program that uses it, or choose another port"
        )
    if error.errno == errno.EACCES:
        problem = f"only root may listen on {server.port}"
        return SettingError("PORT", problem, "Choose a port above 1023")
    problem = f"'{server.host}' is not an address of this machine ({error.strerror})"
    return SettingError("HOST", problem, "Use 0.0.0.0 or 127.0.0.1")
