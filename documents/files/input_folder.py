"""The files of a workspace's input folder, oldest first."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from documents.files import file_storage
from documents.models import Workspace


@dataclass(frozen=True, slots=True)
class FileFound:
    """A file as it was when the folder was read."""

    path: Path
    size: int
    mtime_ns: int
    outside: bool
    """A symbolic link out of the folder."""


def read(workspace: Workspace) -> list[FileFound]:
    """Not its folders, `__parsed__` among them, nor what begins with a dot."""
    folder = file_storage.folder(workspace)
    found = filter(None, (_look_at(path, folder) for path in folder.iterdir()))
    return sorted(found, key=lambda file: (file.mtime_ns, file.path.name))


def md5(file: FileFound) -> str | None:
    """The content's MD5 in hex; None if it can't be read or is still being written."""
    try:
        with file.path.open("rb") as content:
            digest = hashlib.file_digest(content, _md5).hexdigest()
        now = file.path.stat()
    except OSError:
        return None
    same = (now.st_size, now.st_mtime_ns) == (file.size, file.mtime_ns)
    return digest if same else None


def _md5() -> hashlib._Hash:
    return hashlib.md5(usedforsecurity=False)


def _look_at(path: Path, folder: Path) -> FileFound | None:
    """None for what is hidden, no file, or gone meanwhile."""
    if path.name.startswith(".") or not path.is_file():
        return None
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    outside = path.is_symlink() and not path.resolve().is_relative_to(folder.resolve())
    return FileFound(path, stat.st_size, stat.st_mtime_ns, outside)
