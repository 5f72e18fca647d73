"""The file of a backup: a gzipped tar of a manifest, the tables, and the input files."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from lightrag_site.backup.tables import TableSum

FORMAT = 1
MANIFEST = "manifest.json"
INPUTS = "inputs"
IN_MEMORY = 64 * 1024 * 1024


class NotABackup(Exception):
    """The file is no backup, or it is damaged."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds, written before the rest."""

    made_at: str
    migrations: list[list[str]]
    columns: dict[str, list[str]]
    totals: dict[str, TableSum]

    def to_json(self) -> bytes:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """Raises NotABackup."""
        try:
            found = json.loads(text)
            if found.pop("format") != FORMAT:
                raise NotABackup("It was made by a later version.")
            found["totals"] = {
                table: TableSum(**total) for table, total in found["totals"].items()
            }
            return cls(**found)
        except (KeyError, TypeError, ValueError) as error:
            raise NotABackup(f"Its manifest cannot be read: {error}") from error


def add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))


def add_written(
    tar: tarfile.TarFile, name: str, write: Callable[[IO[bytes]], None]
) -> None:
    """A member that `write` writes; on disk meanwhile where it is large."""
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        write(file)
        entry = tarfile.TarInfo(name)
        entry.size = file.tell()
        file.seek(0)
        tar.addfile(entry, file)


def add_folder(tar: tarfile.TarFile, folder: Path) -> int:
    """The folder's files as `inputs/…`; returns how many. What vanishes is left out."""
    count = 0
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.is_symlink() or path.name.startswith(".part-"):
            continue
        try:
            tar.add(path, f"{INPUTS}/{path.relative_to(folder).as_posix()}")
        except FileNotFoundError:
            continue
        count += 1
    return count


@contextmanager
def opened(path: Path) -> Iterator[tarfile.TarFile]:
    """To be read from its beginning; raises NotABackup, also for damage found later."""
    try:
        with tarfile.open(path, "r|gz") as tar:
            yield tar
    except (tarfile.TarError, EOFError, OSError) as error:
        raise NotABackup(f"{path}: {error}") from error


def manifest(tar: tarfile.TarFile) -> Manifest:
    """The first member; raises NotABackup."""
    first = tar.next()
    file = tar.extractfile(first) if first and first.name == MANIFEST else None
    if file is None:
        raise NotABackup("It does not begin with a manifest.")
    return Manifest.from_json(file.read())


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_through(path: Path) -> Mapping[str, int]:
    """Bytes of each member, every one of them read; raises NotABackup."""
    with opened(path) as tar:
        return {member.name: len(file.read()) for member, file in files(tar)}


def files(tar: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """The members that are files, each to be read before the next."""
    for member in tar:
        file = tar.extractfile(member)
        if file is not None:
            yield member, file
