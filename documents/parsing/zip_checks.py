"""Checks of ZIP archives, such as Office files, before they are unpacked.

The limits are LightRAG's (docs/lightrag.md D.2, DOCX_*).
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

from documents.errors import BrokenFile, EncryptedFile, ExplodingArchive

MIB = 1024 * 1024
ENCRYPTED_FLAG = 0x1


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds on the unpacked size, compression ratio and entries of an archive."""

    uncompressed_bytes: int = 512 * MIB
    ratio: int = 100
    ratio_floor_bytes: int = 16 * MIB
    """The ratio is checked above this size: small files may compress very well."""
    entries: int = 10_000


def check(path: Path, name: str, limits: Limits | None = None) -> set[str]:
    """Return the names of the members. Raises BrokenFile, EncryptedFile, ExplodingArchive.

    The check uses the sizes that the archive declares. If they are wrong, the memory limit
    of the process that unpacks it applies (`documents.parse_process.child`).
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise BrokenFile(f"'{name}' is damaged: {error}.") from error
    if any(member.flag_bits & ENCRYPTED_FLAG for member in members):
        raise EncryptedFile(f"'{name}' is encrypted. Upload it without a password.")
    _check_sizes(members, name, limits or Limits())
    return {member.filename for member in members}


def _check_sizes(members: list[zipfile.ZipInfo], name: str, limits: Limits) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if len(members) > limits.entries:
        raise ExplodingArchive(
            f"'{name}' has {len(members)} entries; the limit is {limits.entries}."
        )
    if unpacked > limits.uncompressed_bytes:
        raise ExplodingArchive(
            f"'{name}' unpacks to {unpacked // MIB} MiB; "
            f"the limit is {limits.uncompressed_bytes // MIB} MiB."
        )
    if unpacked > limits.ratio_floor_bytes and unpacked > packed * limits.ratio:
        raise ExplodingArchive(
            f"'{name}' unpacks to {unpacked // packed} times its size; "
            f"the limit is {limits.ratio} times."
        )
