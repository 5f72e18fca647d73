"""Parsing and chunking in child processes of limited time, memory and output.

The worker process itself matches no pattern against the text of a document: `client` sends
each file to a process of its own, which `server` forks and `child` runs. A process parses
several texts.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from documents.parse_process import server; server.main(int(sys.argv[2]))"
)
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1"}
"""No secrets; and numpy must not start threads before a fork."""


def command(descriptor: int) -> tuple[str, ...]:
    """Return the command of a fork server, whose socket is an inherited descriptor."""
    return (sys.executable, "-I", "-c", PROGRAM, str(ROOT), str(descriptor))
