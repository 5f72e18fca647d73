"""The files of a workspace's input folder and its subfolders, oldest first."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from documents.files import file_storage
from documents.models import Workspace

SETTLE_SECONDS = 5.0
"""A file that changed within this time may still be written, and is not read yet."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file as it was when the folder was listed."""

    path: Path
    name: str
    """The path relative to the workspace's folder, with slashes."""
    size: int
    mtime_ns: int
    outside: bool
    """Whether the file is a symbolic link that leads out of the folder."""

    @property
    def settled(self) -> bool:
        """Whether the file has not changed for some seconds."""
        return not 0 <= time.time() - self.mtime_ns / 1e9 < SETTLE_SECONDS


def list_files(workspace: Workspace) -> list[InputFile]:
    """Return the files, without hidden and archived ones and those of other workspaces."""
    folder = file_storage.folder(workspace)
    excluded = _folders_of_others(workspace)
    files = filter(
        None, (_input_file(path, folder) for path in _walk(folder, excluded))
    )
    return sorted(files, key=lambda file: (file.mtime_ns, file.name))


def _folders_of_others(workspace: Workspace) -> set[Path]:
    """Return the folders of other workspaces, which are in that of the default one."""
    names = Workspace.objects.exclude(pk=workspace.pk).values_list("name", flat=True)
    return {file_storage.folder_path(name) for name in names}


def _walk(folder: Path, excluded: set[Path]) -> Iterator[Path]:
    """Yield the files below a folder. Links to folders are not followed."""
    for root, folders, names in os.walk(folder):
        folders[:] = [
            name
            for name in folders
            if not name.startswith((".", file_storage.ARCHIVE))
            and Path(root, name) not in excluded
        ]
        yield from (Path(root, name) for name in names)


def md5(file: InputFile) -> str | None:
    """Return the content's MD5 in hex; None if unreadable or still being written."""
    try:
        with file.path.open("rb") as content:
            digest = hashlib.file_digest(content, _md5).hexdigest()
        now = file.path.stat()
    except OSError:
        return None
    is_unchanged = (now.st_size, now.st_mtime_ns) == (file.size, file.mtime_ns)
    return digest if is_unchanged else None


def _md5() -> hashlib._Hash:
    return hashlib.md5(usedforsecurity=False)


def _input_file(path: Path, folder: Path) -> InputFile | None:
    """Return the file; None if it is hidden, not a regular file, or no longer exists."""
    if path.name.startswith((".", "~$")) or not path.is_file():
        return None
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    outside = path.is_symlink() and not path.resolve().is_relative_to(folder.resolve())
    name = path.relative_to(folder).as_posix()
    return InputFile(path, name, stat.st_size, stat.st_mtime_ns, outside)
