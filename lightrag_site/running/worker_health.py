"""`python -m lightrag_site.running.worker_health`: whether this machine's worker runs.

For the health check of its container: exit code 0, or 1. Where Redis, in which workers
say that they run, does not answer, it is 0: no restart of the worker would mend that.
"""

from __future__ import annotations

import os
import socket
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lightrag_site.settings")

from documents.workspaces import workers


def main() -> int:
    """1 when others may run, but none here."""
    return 1 if workers.runs_on(socket.gethostname()) is False else 0


if __name__ == "__main__":
    sys.exit(main())
