"""Child processes: a crash or an endless loop of a parser does not affect the worker."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

from documents.errors import ParserFailed

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 600


def ask(
    program: Path,
    request: dict[str, Any],
    name: str,
    *,
    timeout: float = TIMEOUT_SECONDS,
) -> dict[str, Any]:
    """What the Python program answers: JSON in on standard input, JSON out.

    It inherits no environment, so none of our secrets. Raises ParserFailed, with the name
    of the file it was about, if it dies or takes longer than `timeout` seconds.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own program, no shell
            [sys.executable, "-I", str(program)],
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=timeout,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ParserFailed(
            f"Reading '{name}' took longer than {timeout:.0f} seconds and was stopped."
        ) from error
    if done.returncode != 0:
        logger.warning("%s died on %s: %s", program.name, name, done.stderr[-2000:])
        raise ParserFailed(f"The parser crashed on '{name}' (exit {done.returncode}).")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
