"""The files of a workspace's input folder, oldest first."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from documents.files import file_storage
from documents.models import Workspace


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file as it was when the folder was listed."""

    path: Path
    size: int
    mtime_ns: int
    outside: bool
    """Whether the file is a symbolic link that leads out of the folder."""


def list_files(workspace: Workspace) -> list[InputFile]:
    """Return the files without subfolders, and without names that begin with a dot."""
    folder = file_storage.folder(workspace)
    files = filter(None, (_input_file(path, folder) for path in folder.iterdir()))
    return sorted(files, key=lambda file: (file.mtime_ns, file.path.name))


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
    """Return None if the path is hidden, not a file, or deleted in the meantime."""
    if path.name.startswith(".") or not path.is_file():
        return None
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    outside = path.is_symlink() and not path.resolve().is_relative_to(folder.resolve())
    return InputFile(path, stat.st_size, stat.st_mtime_ns, outside)
