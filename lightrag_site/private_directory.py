"""Folders that nobody else can enter, wherever they stand."""

from __future__ import annotations

import os
from pathlib import Path

from lightrag_site.errors import SettingError


def make(
    folder: Path, *, owner: tuple[int, int] | None = None, mode: int = 0o700
) -> None:
    """Make it for `owner` (user and group), or for us; its parents too.

    Raises SettingError when it is there and another user's, who could put a server of
    his own in the place of ours.
    """
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    if owner:
        os.chown(folder, *owner, follow_symlinks=False)
    expected = owner[0] if owner else os.getuid()
    if folder.lstat().st_uid != expected or folder.is_symlink():
        raise SettingError(
            "WORKING_DIR", f"{folder} belongs to another user", "Set a shorter path"
        )
