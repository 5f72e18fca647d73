"""Uploaded files on disk: where they are, and how they get there whole or not at all.

Each workspace has a folder, the default one INPUT_DIR itself. `Document.source_path` is
relative to INPUT_DIR, so that it may be mounted elsewhere on another machine.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

from django.conf import settings

from documents.errors import EmptyDocument, MissingFile, NameTaken, TooLarge
from documents.models import Document, Workspace

ARCHIVE = "__parsed__"
DEFAULT_WORKSPACE = "default"
"""It owns INPUT_DIR itself; others a folder in it."""
PARTIAL = ".part-"
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """A file that came in whole, under a name nobody else sees yet."""

    path: Path
    size: int
    md5: str
    mtime_ns: int


def input_dir() -> Path:
    """INPUT_DIR."""
    return Path(settings.LIGHTRAG.server.input_dir)


def folder(workspace: Workspace) -> Path:
    """The workspace's folder, made if need be; as upstream's for the same WORKSPACE.

    A workspace that is called as the archive is must not be given that one's files.
    """
    path = folder_path(workspace.name)
    path.mkdir(parents=True, exist_ok=True)
    return path


def folder_path(name: str) -> Path:
    """Where the folder of the workspace of that name is, or would be."""
    own = "" if name == DEFAULT_WORKSPACE else name
    return input_dir() / (f"{own}-workspace" if own == ARCHIVE else own)


@contextmanager
def folder_moved(old: str, new: str) -> Iterator[Callable[[], None]]:
    """What moves the folder of one workspace's name to another's, in one step; it is
    moved back if the block fails after that. Raises NameTaken: something lies there."""
    before, after = folder_path(old), folder_path(new)
    moved = False

    def move() -> None:
        nonlocal moved
        if after.exists() and any(after.iterdir()):
            raise NameTaken(f"There is a folder '{after.name}' in INPUT_DIR already.")
        if before.is_dir():
            before.rename(after)
            moved = True
            _sync_folder(after.parent)

    try:
        yield move
    except BaseException:
        if moved:
            after.rename(before)
        raise


def path_of(document: Document) -> Path:
    """Where the document's file lies. Only for documents that have a `source_path`.

    Raises MissingFile where a symbolic link leads out of its folder.
    """
    path = input_dir() / document.source_path
    folder = path.parent.parent if path.parent.name == ARCHIVE else path.parent
    if not path.resolve().is_relative_to(folder.resolve()):
        raise MissingFile(f"The file of '{document.name}' lies outside its folder.")
    return path


def relative(path: Path) -> str:
    """A path as `Document.source_path` holds it."""
    return path.relative_to(input_dir()).as_posix()


@contextmanager
def receiving(
    workspace: Workspace, name: str, chunks: Iterable[bytes]
) -> Iterator[Received]:
    """The chunks in a file on disk; gone afterwards unless `place` gave it a name.

    Raises TooLarge as soon as MAX_UPLOAD_SIZE is passed, EmptyDocument for no bytes.
    """
    path = folder(workspace) / f"{PARTIAL}{uuid.uuid4().hex}"
    try:
        received = _write(path, chunks)
        if received.size == 0:
            raise EmptyDocument(f"'{name}' is empty.")
        yield received
    finally:
        path.unlink(missing_ok=True)


def _write(path: Path, chunks: Iterable[bytes]) -> Received:
    limit = settings.LIGHTRAG.server.max_upload_bytes
    digest, size = hashlib.md5(usedforsecurity=False), 0
    with path.open("xb") as file:
        for chunk in chunks:
            size += len(chunk)
            if limit and size > limit:
                raise TooLarge(
                    f"File too large. Maximum size: {limit / MIB:.1f}MB, "
                    f"uploaded: {size / MIB:.1f}MB"
                )
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return Received(path, size, digest.hexdigest(), path.stat().st_mtime_ns)


def facts(size: int, mtime_ns: int, md5: str) -> dict[str, Any]:
    """What a scan compares with the file on disk later; part of a document's metadata."""
    return {"file_size": size, "file_mtime_ns": mtime_ns, "file_md5": md5}


@contextmanager
def taken_back_on_error(received: Received, name: str) -> Iterator[Path]:
    """The path `place` will give; if the block fails after that, the file is removed."""
    path = received.path.with_name(name)
    try:
        yield path
    except BaseException:
        if not received.path.exists():
            path.unlink(missing_ok=True)
        raise


def place(received: Received, path: Path) -> None:
    """Give a received file its name, in one step. Raises NameTaken; overwrites nothing.

    Call it under `locks.lock_names`, so that nobody else does.
    """
    if path.exists():
        raise NameTaken(f"File '{path.name}' already exists in the input directory.")
    received.path.rename(path)
    _sync_folder(path.parent)


def archive(document: Document) -> str:
    """Move a document's file to `__parsed__/`; its new `source_path`.

    A file of that name that is there already stays: the new one gets a number.
    """
    if not document.source_path:
        return ""
    path = path_of(document)
    if path.parent.name == ARCHIVE or not path.is_file():
        return document.source_path
    target_folder = path.parent / ARCHIVE
    target_folder.mkdir(exist_ok=True)
    if target_folder.resolve().parent != path.parent.resolve():
        raise MissingFile(f"{target_folder} is a link out of its folder.")
    target = next(_names_like(target_folder / path.name))
    path.rename(target)
    _sync_folder(target_folder)
    return relative(target)


def _names_like(path: Path) -> Iterator[Path]:
    """`a.pdf`, `a_001.pdf`, `a_002.pdf`, …: those that are free."""
    names = (path.with_name(f"{path.stem}_{n:03d}{path.suffix}") for n in count(1))
    return (name for name in chain([path], names) if not name.exists())


def _sync_folder(path: Path) -> None:
    """A name is on disk once its folder is."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
