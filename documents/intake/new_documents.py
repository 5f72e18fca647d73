"""New documents: their unsaved rows, their track ids, and the limit on their number."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.conf import settings
from django.utils import timezone

from documents.errors import AtCapacity
from documents.files import file_names, parser_hints
from documents.files.file_names import FileName
from documents.intake import tags as intake_tags
from documents.models import Document, Status, Workspace
from documents.parsing import text_cleaning
from documents.queries import pipeline_status

TrackIdPrefix = Literal["upload", "insert", "scan", "enqueue", "error"]
Chunking = Mapping[str, Any]
"""A request's `{"strategy", "params"}`."""
Tags = Sequence[str]


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """Options of an upload: how documents are chunked and tagged.

    If `tags` is None, a new version keeps the tags of the current one.
    """

    chunking: Chunking | None = None
    tags: Tags | None = None


NO_OPTIONS = IngestOptions()


@dataclass(frozen=True, slots=True)
class CleanText:
    """A text that passed all checks: cleaned, not blank, with a valid name."""

    text: str
    name: str
    md5: str


def public_id(name: str, prefix: str = "doc") -> str:
    """Return LightRAG's id, `doc-<md5 of the name>` (docs/lightrag.md C.2)."""
    return f"{prefix}-{hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()}"


def default_name(md5: str) -> str:
    """Return the name of a text without a source; equal texts have the same name."""
    return f"{file_names.UNNAMED}-{md5[:12]}"


def of_file(
    workspace: Workspace,
    file: FileName,
    track_id: str,
    options: IngestOptions = NO_OPTIONS,
) -> Document:
    """Return the row of a file. The options take precedence over the name's hint."""
    return Document(
        workspace=workspace,
        public_id=public_id(file.name),
        name=file.name,
        track_id=track_id,
        chunking=dict(options.chunking or file.chunking),
        tags=intake_tags.clean(options.tags or ()),
        metadata=parser_metadata(file),
    )


def parser_metadata(file: FileName) -> dict[str, str]:
    """Return the metadata that selects the parser and the process options."""
    selected = {"process_options": file.options}
    if file.engine in parser_hints.SERVICES:
        selected["parser"] = file.engine
    return {key: value for key, value in selected.items() if value}


def of_text(
    workspace: Workspace,
    text: CleanText,
    track_id: str,
    options: IngestOptions = NO_OPTIONS,
) -> Document:
    """Return the row of a text, without the text itself."""
    return Document(
        workspace=workspace,
        public_id=public_id(text.name),
        name=text.name,
        track_id=track_id,
        chunking=dict(options.chunking or {}),
        tags=intake_tags.clean(options.tags or ()),
        content_summary=text_cleaning.summary(text.text),
        content_length=len(text.text),
        content_hash=text.md5,
    )


def mark_duplicate(document: Document, original: Document) -> None:
    """Make a row the record of a duplicate of `original` (docs/lightrag.md C.3)."""
    document.public_id = public_id(document.name, "dup")
    document.status = Status.FAILED
    document.content_hash = ""
    document.content_summary = (
        f"[DUPLICATE:content_hash] Original document: {original.public_id}"
    )
    document.error_msg = (
        "Identical content already exists under another filename. "
        f"Original doc_id: {original.public_id}, Status: {original.status}"
    )
    document.metadata = {
        "is_duplicate": True,
        "duplicate_kind": "content_hash",
        "original_doc_id": original.public_id,
        "original_track_id": original.track_id,
    }


def track_id(prefix: TrackIdPrefix) -> str:
    """Return `<prefix>_<YYYYmmdd_HHMMSS local time>_<8 hex>` (docs/lightrag.md C.2)."""
    now = timezone.localtime()
    return f"{prefix}_{now:%Y%m%d_%H%M%S}_{secrets.token_hex(4)}"


def check_capacity(workspace: Workspace, requested: int) -> None:
    """Raise AtCapacity if this number of new documents would exceed MAX_PENDING_DOCUMENTS.

    Call it under `locks.lock_names`, so that concurrent uploads cannot exceed it together.
    """
    capacity = settings.LIGHTRAG.server.max_pending_documents
    if not capacity:
        return
    active = pipeline_status.unfinished(workspace).count()
    if active + requested > capacity:
        raise AtCapacity(active, requested, capacity)
