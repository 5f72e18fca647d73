"""Folders that only their owner can access."""

from __future__ import annotations

import os
from pathlib import Path

from lightrag_site.errors import SettingError


def make(
    folder: Path, *, owner: tuple[int, int] | None = None, mode: int = 0o700
) -> None:
    """Create the folder and its parents for `owner`, by default the current user.

    `owner` is a user id and a group id. Raise SettingError if the folder belongs to
    another user, who could replace the server's socket.
    """
    if not folder.exists():
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
        folder.chmod(mode)  # the umask may have removed bits
    if owner:
        os.chown(folder, *owner, follow_symlinks=False)
    expected = owner[0] if owner else os.getuid()
    if folder.lstat().st_uid != expected or folder.is_symlink():
        raise SettingError(
            "WORKING_DIR",
            f"{folder} belongs to another user",
            "Set another folder, whose path is short enough for a Unix socket",
        )
