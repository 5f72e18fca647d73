"""Child processes: isolate the worker from crashes and endless loops of parsers."""

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
"""Default upper bound on the run time of a child process."""


def run(
    program: Path,
    request: dict[str, Any],
    name: str,
    *,
    timeout: float = TIMEOUT_SECONDS,
) -> dict[str, Any]:
    """Run a Python program: write `request` to its input, return its output, both JSON.

    The program does not inherit the environment, which holds secrets. Raises ParserFailed
    if it crashes or runs longer than `timeout` seconds; `name` is the file's name.
    """
    try:
        process = subprocess.run(  # noqa: S603 - our own program, no shell
            [sys.executable, "-I", str(program)],
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=timeout,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ParserFailed(
            f"Parsing '{name}' took longer than {timeout:.0f} seconds and was stopped."
        ) from error
    if process.returncode != 0:
        logger.warning(
            "%s failed on %s: %s", program.name, name, process.stderr[-2000:]
        )
        raise ParserFailed(
            f"The parser crashed on '{name}' (exit {process.returncode})."
        )
    answer: dict[str, Any] = json.loads(process.stdout)
    return answer
