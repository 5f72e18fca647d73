"""Web process, `python -m lightrag_site.serving.web`, on the supervisor's socket.

The socket outlives the process, so no connection is refused during a restart.
"""

from __future__ import annotations

import os
import resource
import socket
from pathlib import Path

import uvicorn
from django.urls import resolve

from lightrag_site import start_gate
from lightrag_site.configuration import environment
from lightrag_site.configuration.config_classes import ServerConfig
from lightrag_site.serving.http_protocol import HttpProtocol

LOADS_ALL_ROUTES = "/health"
"""The modules of the routes are loaded when the first path is resolved."""


def main() -> None:
    """Load the site, wait until the database is prepared, and serve until a signal."""
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    server = environment.read(os.environ, Path.cwd()).server
    listener = socket.socket(fileno=int(os.environ[environment.LISTEN_FD]))
    config = _config(server)
    config.load()
    resolve(LOADS_ALL_ROUTES)
    start_gate.wait()
    uvicorn.Server(config).run([listener])


def _config(server: ServerConfig) -> uvicorn.Config:
    return uvicorn.Config(
        "lightrag_site.asgi:application",
        ssl_certfile=server.ssl_certfile if server.ssl else None,
        ssl_keyfile=server.ssl_keyfile if server.ssl else None,
        http=HttpProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=4,
    )


if __name__ == "__main__":
    main()
