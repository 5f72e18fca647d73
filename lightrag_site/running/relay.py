"""The relay process: `python -m lightrag_site.running.relay SOCKET`.

`retrieval.llm.relay.server` describes what it does.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import uvicorn

from lightrag_site import private_directory
from retrieval.llm.relay.server import Relay


def main(path: Path) -> None:
    """Serve until a stop signal."""
    listening = listen(path)
    config = uvicorn.Config(
        Relay(),
        interface="asgi3",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_keep_alive=3600,
        # Longer than CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT, in which workers end their calls.
        timeout_graceful_shutdown=5,
    )
    uvicorn.Server(config).run([listening])


def listen(path: Path) -> socket.socket:
    """Return a listening socket, which replaces that of a killed relay atomically."""
    private_directory.make(path.parent)
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(new))
    listening.listen(512)
    new.rename(path)
    return listening


if __name__ == "__main__":
    main(Path(sys.argv[1]))
