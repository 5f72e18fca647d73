"""The rule for workspace names, LightRAG's (docs/lightrag.md A.1).

This module imports nothing of Django: the configuration is read before Django is set up.
"""

from __future__ import annotations

import re

MAX_LENGTH = 64
PATTERN = f"[A-Za-z0-9_]{{1,{MAX_LENGTH}}}"
"""Regular expression that matches every valid name; used in URLs."""

_FORBIDDEN = re.compile(r"[^A-Za-z0-9_]")


def clean(name: str, default: str) -> str:
    """Replace each forbidden character by `_` and cut the name to MAX_LENGTH characters.

    A blank name becomes `default`.
    """
    return _FORBIDDEN.sub("_", name.strip())[:MAX_LENGTH] or default
