"""Health check of a worker's container: `python -m lightrag_site.running.worker_health`.

The exit code is 0 or 1. Workers record in Redis that they run. If Redis does not
answer, the exit code is 0, because a restart of the worker would not help.
"""

from __future__ import annotations

import os
import socket
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lightrag_site.settings")

from documents.workspaces import workers


def main() -> int:
    """Return 1 if no worker runs on this machine."""
    return 1 if workers.is_running_on(socket.gethostname()) is False else 0


if __name__ == "__main__":
    sys.exit(main())
