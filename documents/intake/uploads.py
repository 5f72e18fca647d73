"""The one door for files and texts, whoever brings them: REST, admin, a scan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from documents.chunking import ChunkOptions
from documents.errors import EmptyDocument, NameTaken, RepeatedName
from documents.files import archive, file_names, file_storage
from documents.files.file_names import FileName
from documents.files.file_storage import Received
from documents.intake import capacity, new_documents, tags
from documents.intake.new_documents import NO_WISHES, Text, Wishes
from documents.lifecycle import deletion
from documents.lifecycle import versions as lifecycle_versions
from documents.models import Document, DocumentContent, Workspace
from documents.parsing import parsers, text_cleaning
from documents.queries import listing
from documents.workspaces import audit, locks, notify
from documents.workspaces.audit import Action

ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class TextItem:
    """A text handed in, and its source; without one it goes by its content's hash."""

    text: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A document in the table. `duplicate`: it was there before, or it is a FAILED row
    that only says what it is a duplicate of."""

    document: Document
    duplicate: bool = False


def accept_file(
    workspace: Workspace,
    name: str,
    chunks: Iterable[bytes],
    *,
    track_id: str,
    wishes: Wishes = NO_WISHES,
    replace: bool = False,
) -> Accepted:
    """Store a file and queue it. Nothing is left behind if anything goes wrong.

    Where a document of that name exists it is returned, a duplicate, the bytes unread;
    or, with `replace`, this becomes its new version, and it answers until that is read.
    Raises RefusedName, UnsupportedType, BadChunking, BadTags, AtCapacity, TooLarge, EmptyDocument,
    or NameTaken where a file lies in the input folder that no document knows.
    """
    file = check_file(name, wishes)
    existing = _named(workspace, [file.name])
    if existing and not replace:
        return Accepted(existing[file.name], duplicate=True)
    capacity.check(workspace, 1)
    with file_storage.receiving(workspace, file.name, chunks) as received:
        document = new_documents.of_file(workspace, file, track_id, wishes)
        if existing:
            _become_version(document, existing[file.name], wishes)
        return _insert_with_file(document, received, file.name)


def _become_version(document: Document, existing: Document, wishes: Wishes) -> None:
    """Make way: for the new version of what answers, or in place of what never did."""
    if wishes.tags is None:
        document.tags = existing.tags
    superseded = Document.objects.filter(replaces=existing)
    unneeded = [row.public_id for row in superseded]
    if lifecycle_versions.answers(existing):
        archive.archive([existing])
        lifecycle_versions.as_version(document, existing)
    else:
        unneeded.append(existing.public_id)
    deletion.delete_documents(existing.workspace, unneeded, delete_file=True)


def check_file(name: str, wishes: Wishes = NO_WISHES) -> FileName:
    """Raises RefusedName, UnsupportedType, BadChunking or BadTags."""
    file = file_names.of_file(name)
    parsers.check(file.suffix)
    ChunkOptions.from_request(wishes.chunking or file.chunking)
    tags.clean(wishes.tags or ())
    return file


def _insert_with_file(
    document: Document, received: Received, file_name: str
) -> Accepted:
    """The row and the file's name in one transaction: of two at once, one gets both."""
    document.metadata |= file_storage.facts(
        received.size, received.mtime_ns, received.md5
    )
    with (
        file_storage.taken_back_on_error(received, file_name) as path,
        transaction.atomic(),
    ):
        locks.lock_names(document.workspace)
        _keep_its_place(document, file_name)
        winner = _named(document.workspace, [document.name])
        if winner:
            return Accepted(winner[document.name], duplicate=True)
        capacity.check(document.workspace, 1)
        document.source_path = file_storage.relative(path)
        document.save(force_insert=True)
        file_storage.place(received, path)
        _note(document.workspace_id, [document])
        notify.notify_workers()
    return Accepted(document)


def _keep_its_place(document: Document, file_name: str) -> None:
    """What it is to replace stays until it is in; if it is gone by now, it is new."""
    if document.replaces_id is None:
        return
    locks.lock_workspace(document.workspace_id)
    if not Document.objects.filter(pk=document.replaces_id).exists():
        document.replaces = None
        document.name = file_name
        document.public_id = new_documents.public_id(file_name)


def accept_texts(
    workspace: Workspace,
    items: Sequence[TextItem],
    *,
    track_id: str,
    wishes: Wishes = NO_WISHES,
    replace: bool = False,
) -> list[Accepted]:
    """Store texts and queue them, all or none, in a fixed number of statements.

    With `replace`, a text under a name that exists becomes that document's new version
    (a few statements more for each). A text that another document holds already becomes a
    FAILED row that says so. Raises RefusedName, NameTaken, AtCapacity, EmptyDocument, BadChunking
    or BadTags, and has then stored nothing.
    """
    ChunkOptions.from_request(wishes.chunking)
    tags.clean(wishes.tags or ())
    texts = [_check_text(item) for item in items]
    _check_distinct(texts)
    with transaction.atomic():
        locks.lock_names(workspace)
        if replace:
            # Keeps the replaced documents from being deleted meanwhile.
            locks.lock_workspace(workspace.pk)
        existing = _named(workspace, [text.name for text in texts])
        if not replace:
            _check_free(existing.values())
        capacity.check(workspace, len(texts))
        rows = [new_documents.of_text(workspace, t, track_id, wishes) for t in texts]
        for row in rows:
            if row.name in existing:
                _become_version(row, existing[row.name], wishes)
        accepted = _tell_duplicates(workspace, rows)
        Document.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
        DocumentContent.objects.bulk_create(
            (
                DocumentContent(document=accepted.document, text=text.text)
                for accepted, text in zip(accepted, texts, strict=True)
                if not accepted.duplicate
            ),
            batch_size=ROWS_AT_ONCE,
        )
        _note(workspace.pk, rows)
        notify.notify_workers()
    return accepted


def replace_text(
    workspace: Workspace, public_id: str, text: str, *, track_id: str, wishes: Wishes
) -> Accepted:
    """Give a document that is there a new text; raises UnknownDocument.

    One that is a new version still being read gives way to this one.
    Besides that as `accept_texts`.
    """
    with transaction.atomic():
        locks.lock_names(workspace)
        locks.lock_workspace(workspace.pk)
        found = listing.find(workspace, public_id)
        item = TextItem(text, (found.replaces or found).name)
        (accepted,) = accept_texts(
            workspace, [item], track_id=track_id, wishes=wishes, replace=True
        )
    return accepted


def _note(workspace_id: int, rows: Sequence[Document]) -> None:
    """What is new, and what becomes a new version, in the audit trail."""
    new = [row.name for row in rows if not row.replaces]
    versions = [row.replaces.name for row in rows if row.replaces]
    audit.record_many(Action.DOCUMENT_ADD, new, workspace_id=workspace_id)
    audit.record_many(Action.DOCUMENT_REPLACE, versions, workspace_id=workspace_id)


def _check_text(item: TextItem) -> Text:
    text = text_cleaning.clean(item.text).strip()
    if not text:
        raise EmptyDocument("The text is blank.")
    md5 = text_cleaning.content_hash(text)
    name = (
        new_documents.unnamed(md5)
        if item.name is None
        else file_names.of_text(item.name)
    )
    return Text(text, name, md5)


def _check_distinct(texts: Sequence[Text]) -> None:
    if len({text.name for text in texts}) < len(texts):
        raise RepeatedName


def _check_free(existing: Iterable[Document]) -> None:
    for document in existing:
        raise NameTaken(
            f"Document storage already contains '{document.name}' "
            f"(Status: {document.status}). "
            "Delete the existing record before re-inserting."
        )


def _tell_duplicates(workspace: Workspace, rows: Sequence[Document]) -> list[Accepted]:
    """The rows, those whose text is in the table or earlier among them made to say so."""
    hashes = [row.content_hash for row in rows]
    held = Document.objects.filter(workspace=workspace, content_hash__in=hashes)
    originals = {document.content_hash: document for document in held}
    accepted = []
    for row in rows:
        original = originals.setdefault(row.content_hash, row)
        if original not in (row, row.replaces):
            new_documents.duplicate(row, original)
        accepted.append(Accepted(row, original not in (row, row.replaces)))
    return accepted


def _named(workspace: Workspace, wanted: Sequence[str]) -> dict[str, Document]:
    found = Document.objects.filter(workspace=workspace, name__in=wanted)
    return {document.name: document for document in found}
