"""Uploaded files on disk, written completely or not at all, and their archive.

Each workspace has a folder in INPUT_DIR; the default workspace uses INPUT_DIR itself.
`Document.source_path` is relative to INPUT_DIR, so each machine may mount it at another
path.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Value, When

from documents.errors import EmptyDocument, MissingFile, NameTaken, TooLarge
from documents.models import Document, Workspace
from documents.workspaces import locks

logger = logging.getLogger(__name__)

ARCHIVE = "__parsed__"
DEFAULT_WORKSPACE = "default"
"""The name of the workspace whose folder is INPUT_DIR itself."""
PARTIAL = ".part-"
_PARTIAL_NAME = re.compile(rf"{re.escape(PARTIAL)}[0-9a-f]{{32}}")
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A completely received file under a temporary name."""

    path: Path
    size: int
    md5: str
    mtime_ns: int


def input_dir() -> Path:
    """Return INPUT_DIR."""
    return Path(settings.LIGHTRAG.server.input_dir)


def folder(workspace: Workspace) -> Path:
    """Return the workspace's folder, which is created if missing."""
    path = folder_path(workspace.name)
    path.mkdir(parents=True, exist_ok=True)
    return path


def folder_path(name: str) -> Path:
    """Return the path of the folder of the workspace with that name, as in LightRAG.

    A workspace named like the archive gets another folder.
    """
    folder = "" if name == DEFAULT_WORKSPACE else name
    return input_dir() / (f"{folder}-workspace" if folder == ARCHIVE else folder)


def deleted_folder(workspace_id: int) -> Path:
    """Return where the folder of a deleted workspace is until a worker deletes it."""
    return folder_path(deleted_name(workspace_id))


def deleted_name(workspace_id: int) -> str:
    """Return the name of a deleted workspace, which no other workspace can have."""
    return f".deleted-{workspace_id}"


@contextmanager
def folder_mover(old: str, new: str) -> Iterator[Callable[[], None]]:
    """Yield a function that renames a workspace's folder.

    The folder is renamed back if the block fails afterwards. The function raises NameTaken
    if the new folder exists and is not empty.
    """
    before, after = folder_path(old), folder_path(new)
    moved = False

    def move() -> None:
        nonlocal moved
        if after.exists() and any(after.iterdir()):
            raise NameTaken(f"INPUT_DIR already has a folder '{after.name}'.")
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
    """Return the path of the file of a document that has a `source_path`.

    Raises MissingFile if a symbolic link leads out of the workspace's folder.
    """
    path = input_dir() / document.source_path
    folder = path.parent.parent if path.parent.name == ARCHIVE else path.parent
    if not path.resolve().is_relative_to(folder.resolve()):
        raise MissingFile(
            f"The file of '{document.name}' is outside the workspace's folder: its path "
            "contains a symbolic link."
        )
    return path


def is_partial(path: Path) -> bool:
    """Return whether a file is an unfinished upload. Names of documents have a suffix."""
    return bool(_PARTIAL_NAME.fullmatch(path.name))


def relative(path: Path) -> str:
    """Return a path in the form of `Document.source_path`."""
    return path.relative_to(input_dir()).as_posix()


@contextmanager
def receive(
    workspace: Workspace, name: str, chunks: Iterable[bytes]
) -> Iterator[ReceivedFile]:
    """Yield a temporary file with the chunks, deleted afterwards unless published.

    Raises TooLarge as soon as MAX_UPLOAD_SIZE is exceeded, EmptyDocument for no bytes.
    """
    path = folder(workspace) / f"{PARTIAL}{uuid.uuid4().hex}"
    try:
        received = _write(path, chunks)
        if received.size == 0:
            raise EmptyDocument(f"'{name}' is empty.")
        yield received
    finally:
        path.unlink(missing_ok=True)


def _write(path: Path, chunks: Iterable[bytes]) -> ReceivedFile:
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
    return ReceivedFile(path, size, digest.hexdigest(), path.stat().st_mtime_ns)


def file_metadata(size: int, mtime_ns: int, md5: str) -> dict[str, Any]:
    """Return the part of a document's metadata that scans compare with the file."""
    return {"file_size": size, "file_mtime_ns": mtime_ns, "file_md5": md5}


@contextmanager
def removed_on_error(received: ReceivedFile, name: str) -> Iterator[Path]:
    """Yield the path for `publish`; delete the published file if the block fails."""
    path = received.path.parent / name
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield path
    except BaseException:
        if not received.path.exists():
            path.unlink(missing_ok=True)
        raise


def publish(received: ReceivedFile, path: Path) -> None:
    """Rename a received file to its final path. Raises NameTaken if the path exists.

    Call it under `locks.lock_names`, so that no other upload takes the path.
    """
    if path.exists():
        raise NameTaken(f"File '{path.name}' already exists in the input directory.")
    received.path.rename(path)
    _sync_folder(path.parent)


def archive(documents: Sequence[Document]) -> None:
    """Move the files of these documents to `__parsed__/`, as in LightRAG.

    A file that changed since it was read stays, and the next scan reads it again. A file
    that can't be moved stays too, and scans recognize it.
    """
    moved = [document for document in documents if _move_to_archive(document)]
    if not moved:
        return
    paths = [When(pk=row.pk, then=Value(row.source_path)) for row in moved]
    rows = Document.objects.filter(pk__in=[document.pk for document in moved])
    with transaction.atomic():
        locks.documents_in_order(rows).update(source_path=Case(*paths))


def _move_to_archive(document: Document) -> bool:
    """Move the file and set `source_path`; return whether the path changed."""
    try:
        path = archived(document)
    except (OSError, MissingFile) as error:
        logger.warning("%s stays in the input folder: %s", document.name, error)
        return False
    before, document.source_path = document.source_path, path
    return path != before


def archived(document: Document) -> str:
    """Move a document's file to the archive, and return its new `source_path`.

    An existing file is not overwritten: the new one gets a number.
    """
    if not document.source_path:
        return ""
    path = path_of(document)
    if path.parent.name == ARCHIVE or not path.is_file():
        return document.source_path
    if _has_changed(document, path):
        return document.source_path
    target_folder = path.parent / ARCHIVE
    target_folder.mkdir(exist_ok=True)
    if target_folder.resolve().parent != path.parent.resolve():
        raise MissingFile(
            f"{target_folder} is a link to a folder outside the workspace's folder."
        )
    target = next(free_names(target_folder / path.name))
    path.rename(target)
    _sync_folder(target_folder)
    return relative(target)


def _has_changed(document: Document, path: Path) -> bool:
    stat = path.stat()
    return any(
        document.metadata.get(key, value) != value
        for key, value in file_metadata(stat.st_size, stat.st_mtime_ns, "").items()
        if key != "file_md5"
    )


def free_names(path: Path) -> Iterator[Path]:
    """Yield those of `a.pdf`, `a_001.pdf`, `a_002.pdf`, … that do not exist."""
    numbered = (path.with_name(f"{path.stem}_{n:03d}{path.suffix}") for n in count(1))
    return (name for name in chain([path], numbered) if not name.exists())


def _sync_folder(path: Path) -> None:
    """Flush the folder, which makes the rename of a file durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
