"""Track ids: what a client polls after handing something in (docs/lightrag.md C.2)."""

from __future__ import annotations

import secrets
from typing import Literal

from django.utils import timezone

Prefix = Literal["upload", "insert", "scan", "enqueue", "error"]


def make(prefix: Prefix) -> str:
    """`<prefix>_<YYYYmmdd_HHMMSS local time>_<8 hex>`."""
    now = timezone.localtime()
    return f"{prefix}_{now:%Y%m%d_%H%M%S}_{secrets.token_hex(4)}"
