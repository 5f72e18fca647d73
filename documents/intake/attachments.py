"""Attachments: files inside of files become documents of their own, linked to their parent.

The name of an attachment's document is `<name of the parent>/<name of the attachment>`, and
its metadata contains the parent's id as `attached_to`.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from django.db import transaction

from documents.errors import DocumentError
from documents.files import file_storage
from documents.intake import new_documents, uploads
from documents.intake.new_documents import NO_OPTIONS
from documents.models import Document, Workspace
from documents.parsing.parsed_document import Attachment
from documents.workspaces import workers

logger = logging.getLogger(__name__)

MAX_DEPTH = 4
"""Upper bound on files inside of files inside of files."""
MAX_ATTACHMENTS = 200
"""Upper bound on the attachments of one document that are stored."""


def store(parent: Document, attachments: Sequence[Attachment]) -> list[str]:
    """Queue the supported attachments as documents; return a warning for each other one.

    Call it in a transaction. An attachment that did not
    change since the last version of its parent is not queued again.
    """
    original = parent.replaces or parent
    if not attachments or original.name.count("/") >= MAX_DEPTH:
        return []
    uploads.lock_for_insert(parent.workspace, replace=True)
    warnings = list[str]()
    for attachment in attachments[:MAX_ATTACHMENTS]:
        try:
            _store(parent.workspace, original, attachment)
        except DocumentError as error:
            logger.info("%s of %s: %s", attachment.name, original.name, error)
            warnings.append(f"The attachment '{attachment.name}' was not read.")
    return warnings


def _store(workspace: Workspace, parent: Document, attachment: Attachment) -> None:
    path = f"{parent.name}/{attachment.name.replace('/', '_')}"
    file = uploads.check_file(path, folders=True)
    md5 = hashlib.md5(attachment.content, usedforsecurity=False).hexdigest()
    existing = uploads.by_name(workspace, [file.name]).get(file.name)
    if existing and existing.metadata.get("file_md5") == md5:
        return
    row = new_documents.of_file(workspace, file, parent.track_id)
    row.tags, row.chunking = parent.tags, parent.chunking
    target = _write(workspace, file.suffix, md5, attachment.content)
    stat = target.stat()
    row.source_path = file_storage.relative(target)
    row.metadata |= file_storage.file_metadata(stat.st_size, stat.st_mtime_ns, md5)
    row.metadata["attached_to"] = parent.public_id
    if existing:
        uploads.supersede(row, existing, NO_OPTIONS)
    row.save(force_insert=True)
    transaction.on_commit(partial(workers.notify_workers))


def _write(workspace: Workspace, suffix: str, md5: str, content: bytes) -> Path:
    """Write the file to the archive, whose files are not scanned."""
    folder = file_storage.folder(workspace) / file_storage.ARCHIVE
    folder.mkdir(exist_ok=True)
    path = next(file_storage.free_names(folder / f"attachment-{md5}{suffix}"))
    path.write_bytes(content)
    return path
