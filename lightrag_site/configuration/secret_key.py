"""What signs sessions and tokens: given, or made once and kept."""

from __future__ import annotations

import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key

from lightrag_site import paths
from lightrag_site.configuration.config import LightRAGConfig


def read(config: LightRAGConfig) -> str:
    """SECRET_KEY, or the kept one, or one for this process alone where none is kept."""
    if config.access.secret_key:
        return config.access.secret_key
    kept = paths.of(config.server.working_dir).secret_key
    try:
        return kept.read_text("utf-8")
    except FileNotFoundError:
        return get_random_secret_key()


def keep(path: Path) -> None:
    """Make the key if there is none; only its owner may read it."""
    write_once(path, get_random_secret_key())


def write_once(path: Path, secret: str) -> bool:
    """Write a secret to a file of mode 600, whole or not at all; False: it is there."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secret)
    return True
