"""The rows that new documents begin as. Nothing here is saved."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from documents.files import file_names
from documents.files.file_names import FileName
from documents.intake import tags as intake_tags
from documents.models import Document, Status, Workspace
from documents.parsing import text_cleaning

Chunking = Mapping[str, Any]
"""A request's `{"strategy", "params"}`."""
Tags = Sequence[str]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked for with documents: how they are cut up, what they are tagged with.

    Without `tags` (None) a new version keeps those of the old one.
    """

    chunking: Chunking | None = None
    tags: Tags | None = None


NO_WISHES = Wishes()


@dataclass(frozen=True, slots=True)
class Text:
    """A text that was found good: cleaned, not blank, its name in order."""

    text: str
    name: str
    md5: str


def public_id(name: str, prefix: str = "doc") -> str:
    """`doc-<md5 of the name>` (docs/lightrag.md C.2)."""
    return f"{prefix}-{hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()}"


def unnamed(md5: str) -> str:
    """The name of a text without a source: the same for the same text."""
    return f"{file_names.UNNAMED}-{md5[:12]}"


def of_file(
    workspace: Workspace,
    file: FileName,
    track_id: str,
    wishes: Wishes = NO_WISHES,
) -> Document:
    """A file's row. What was asked for wins over the hint in the name."""
    return Document(
        workspace=workspace,
        public_id=public_id(file.name),
        name=file.name,
        track_id=track_id,
        chunking=dict(wishes.chunking or file.chunking),
        tags=intake_tags.clean(wishes.tags or ()),
        metadata={"process_options": file.options} if file.options else {},
    )


def of_text(
    workspace: Workspace, text: Text, track_id: str, wishes: Wishes = NO_WISHES
) -> Document:
    """A text's row: all but the text itself."""
    return Document(
        workspace=workspace,
        public_id=public_id(text.name),
        name=text.name,
        track_id=track_id,
        chunking=dict(wishes.chunking or {}),
        tags=intake_tags.clean(wishes.tags or ()),
        content_summary=text_cleaning.summary(text.text),
        content_length=len(text.text),
        content_hash=text.md5,
    )


def duplicate(document: Document, original: Document) -> Document:
    """The row that says that `document` holds what `original` held before (c.3)."""
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
    return document
