"""Track ids: clients poll the documents of one upload or scan by them."""

from __future__ import annotations

import secrets
from typing import Literal

from django.utils import timezone

Prefix = Literal["upload", "insert", "scan", "enqueue", "error"]


def make(prefix: Prefix) -> str:
    """Return `<prefix>_<YYYYmmdd_HHMMSS local time>_<8 hex>` (docs/lightrag.md C.2)."""
    now = timezone.localtime()
    return f"{prefix}_{now:%Y%m%d_%H%M%S}_{secrets.token_hex(4)}"
