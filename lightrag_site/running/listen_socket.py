"""The socket the web processes share."""

from __future__ import annotations

import errno
import socket

from lightrag_site.configuration.config import ServerConfig
from lightrag_site.errors import SettingError


def open_socket(server: ServerConfig) -> socket.socket:
    """Listen; raises SettingError that names PORT or HOST."""
    try:
        return socket.create_server(
            (server.host, server.port), family=_family(server.host), backlog=2048
        )
    except OSError as error:
        raise _told(error, server) from error


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _told(error: OSError, server: ServerConfig) -> SettingError:
    if error.errno == errno.EADDRINUSE:
        problem = f"{server.port} is in use on {server.host}"
        return SettingError("PORT", problem, "Stop what uses it, or choose another")
    if error.errno == errno.EACCES:
        problem = f"{server.port} is kept for root"
        return SettingError("PORT", problem, "Choose one above 1023")
    problem = f"'{server.host}' is no address of this machine ({error.strerror})"
    return SettingError("HOST", problem, "Use 0.0.0.0 or 127.0.0.1")
