"""Checks of ZIP archives, such as Office files, before they are unpacked.

The limits are LightRAG's (docs/lightrag.md D.2, DOCX_*).
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import SEEK_CUR
from pathlib import Path
from typing import BinaryIO

from documents.errors import ArchiveTooLarge, BrokenFile, EncryptedFile

MIB = 1024 * 1024
ENCRYPTED_FLAG = 0x1
PART_BYTES = 64 * 1024
LOCAL_HEADER = struct.Struct("<26xHH")
"""The header before a member's data; it ends with the lengths of two fields after it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds on the unpacked size, compression ratio and entries of an archive."""

    uncompressed_bytes: int = 512 * MIB
    ratio: int = 100
    ratio_floor_bytes: int = 16 * MIB
    """The ratio is checked above this size: small files may compress very well."""
    entries: int = 10_000


def check(path: Path, name: str, limits: Limits | None = None) -> set[str]:
    """Return the names of the members. Raises BrokenFile, EncryptedFile, ArchiveTooLarge.

    The unpacked size is measured, because an archive may declare wrong sizes.
    """
    limits = limits or Limits()
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise BrokenFile(f"'{name}' is damaged: {error}.") from error
    if any(member.flag_bits & ENCRYPTED_FLAG for member in members):
        raise EncryptedFile(f"'{name}' is encrypted. Upload it without a password.")
    if len(members) > limits.entries:
        raise ArchiveTooLarge(
            f"'{name}' has {len(members)} entries; the limit is {limits.entries}."
        )
    _check_sizes(_unpacked_bytes(path, members, limits), path, name, limits)
    return {member.filename for member in members}


def _unpacked_bytes(path: Path, members: list[zipfile.ZipInfo], limits: Limits) -> int:
    """Return the unpacked size of all members; stop above the limit.

    `zipfile` itself stops a member at its declared size, but other readers do not.
    Members that overlap count as often as they are listed.
    """
    total = 0
    with path.open("rb") as file:
        for member in members:
            if member.compress_type == zipfile.ZIP_DEFLATED:
                for size in _inflated_sizes(file, member):
                    total += size
                    if total > limits.uncompressed_bytes:
                        return total
            else:
                total += max(member.file_size, member.compress_size)
    return total


def _inflated_sizes(file: BinaryIO, member: zipfile.ZipInfo) -> Iterator[int]:
    """Yield the sizes of the parts of a member as it is unpacked, until it is damaged."""
    if member.header_offset < 0:  # the directory of a damaged file
        return
    file.seek(member.header_offset)
    header = file.read(LOCAL_HEADER.size)
    if len(header) < LOCAL_HEADER.size:
        return
    file.seek(sum(LOCAL_HEADER.unpack(header)), SEEK_CUR)  # its name and extra fields
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    while not unpacker.eof and (packed := file.read(PART_BYTES)):
        try:
            while packed and not unpacker.eof:
                yield len(unpacker.decompress(packed, MIB))
                packed = unpacker.unconsumed_tail
        except zlib.error:
            return


def _check_sizes(unpacked: int, path: Path, name: str, limits: Limits) -> None:
    packed = max(1, path.stat().st_size)
    if unpacked > limits.uncompressed_bytes:
        raise ArchiveTooLarge(
            f"'{name}' unpacks to {unpacked // MIB} MiB; "
            f"the limit is {limits.uncompressed_bytes // MIB} MiB."
        )
    if unpacked > limits.ratio_floor_bytes and unpacked > packed * limits.ratio:
        raise ArchiveTooLarge(
            f"'{name}' unpacks to {unpacked // packed} times its size; "
            f"the limit is {limits.ratio} times."
        )
