"""The key that signs sessions and tokens: configured, or generated and stored."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from lightrag_site import paths
from lightrag_site.configuration.config_classes import LightRAGConfig

KEY_BYTES = 48
"""Random bytes of a generated key; Django requires at least 50 characters."""


def read(config: LightRAGConfig) -> str:
    """Return SECRET_KEY, the stored key, or a random key for this process."""
    if config.access.secret_key:
        return config.access.secret_key
    path = paths.of(config.server.working_dir).secret_key
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return secrets.token_urlsafe(KEY_BYTES)


def ensure(path: Path) -> None:
    """Generate and store a key if none exists; only its owner can read it."""
    write_once(path, secrets.token_urlsafe(KEY_BYTES))


def write_once(path: Path, secret: str) -> bool:
    """Create a file of mode 600 with the secret; return False if it exists."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secret)
    return True
