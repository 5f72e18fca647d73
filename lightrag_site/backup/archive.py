"""The file format of a backup: a gzipped tar of a manifest, tables and input files."""

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

from documents.files import file_storage
from lightrag_site.backup.tables import TableSum

FORMAT = 1
MANIFEST = "manifest.json"
INPUTS = "inputs"
MAX_MEMORY = 64 * 1024 * 1024
"""Upper bound on the bytes of a table that are buffered in memory."""


class InvalidBackup(Exception):
    """The file is not a backup, or it is damaged."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The content of a backup, stored as its first member."""

    made_at: str
    migrations: list[list[str]]
    columns: dict[str, list[str]]
    totals: dict[str, TableSum]

    def to_json(self) -> bytes:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """Parse a manifest; raise InvalidBackup."""
        try:
            fields = json.loads(text)
            if fields.pop("format") != FORMAT:
                raise InvalidBackup("A later version of the server created the backup.")
            fields["totals"] = {
                table: TableSum(**total) for table, total in fields["totals"].items()
            }
            return cls(**fields)
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidBackup(f"The manifest is invalid: {error}") from error


def add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))


def add_streamed(
    tar: tarfile.TarFile, name: str, write: Callable[[IO[bytes]], None]
) -> None:
    """Add a member whose content `write` produces, buffered on disk if it is large."""
    with tempfile.SpooledTemporaryFile(MAX_MEMORY) as file:
        write(file)
        entry = tarfile.TarInfo(name)
        entry.size = file.tell()
        file.seek(0)
        tar.addfile(entry, file)


def add_folder(tar: tarfile.TarFile, folder: Path) -> int:
    """Add the files of the folder as `inputs/…`; return how many.

    Files that are deleted meanwhile are skipped.
    """
    count = 0
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.is_symlink() or file_storage.is_partial(path):
            continue
        try:
            tar.add(path, f"{INPUTS}/{path.relative_to(folder).as_posix()}")
        except FileNotFoundError:
            continue
        count += 1
    return count


@contextmanager
def opened(path: Path) -> Iterator[tarfile.TarFile]:
    """Open a backup for sequential reading; raise InvalidBackup for any damage."""
    try:
        with tarfile.open(path, "r|gz") as tar:
            yield tar
    except (tarfile.TarError, EOFError, OSError) as error:
        raise InvalidBackup(f"{path}: {error}") from error


def manifest(tar: tarfile.TarFile) -> Manifest:
    """Read the first member, the manifest; raise InvalidBackup."""
    first = tar.next()
    file = tar.extractfile(first) if first and first.name == MANIFEST else None
    if file is None:
        raise InvalidBackup("Its first member is not a manifest.")
    return Manifest.from_json(file.read())


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_all(path: Path) -> Mapping[str, int]:
    """Read every member; return their sizes in bytes. Raise InvalidBackup."""
    with opened(path) as tar:
        return {member.name: len(file.read()) for member, file in files(tar)}


def files(tar: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """Yield the members that are files; read each before the next."""
    for member in tar:
        file = tar.extractfile(member)
        if file is not None:
            yield member, file
