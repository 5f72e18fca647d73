"""Uploads: the functions that accept files and texts, for every API, the admin and scans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from documents.chunking import ChunkOptions
from documents.errors import EmptyDocument, NameTaken, RepeatedName, UnsafeName
from documents.files import file_names, file_storage
from documents.files.file_names import FileName
from documents.files.file_storage import ReceivedFile
from documents.intake import new_documents, tags
from documents.intake.new_documents import NO_OPTIONS, CleanText, IngestOptions
from documents.lifecycle import document_deletion, row_deletion
from documents.lifecycle import versions as lifecycle_versions
from documents.models import Document, DocumentContent, Status, Workspace
from documents.parsing import parsers, text_cleaning
from documents.queries import listing
from documents.workspaces import audit, locks, workers
from documents.workspaces.audit import Action

BATCH_SIZE = 1000
"""Upper bound on rows inserted by one statement."""


@dataclass(frozen=True, slots=True)
class TextItem:
    """An uploaded text and its source; without a source, its name is its hash."""

    text: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A stored document.

    `duplicate`: the document existed before, or it is a FAILED row that names the document
    with the same content.
    """

    document: Document
    duplicate: bool = False


def accept_file(  # noqa: PLR0913 - the options of one upload
    workspace: Workspace,
    name: str,
    chunks: Iterable[bytes],
    *,
    track_id: str,
    options: IngestOptions = NO_OPTIONS,
    replace: bool = False,
    folders: bool = False,
) -> Accepted:
    """Store a file and queue its document, both or neither.

    With `folders`, `name` is a path relative to the workspace's folder.

    If a document of that name exists, it is returned as a duplicate and the bytes are not
    read. With `replace`, the file becomes its new version instead, and the current version
    is used for answers until the new one is processed.

    Raises:
        InvalidName, UnsupportedType, InvalidChunking, InvalidTags: From `check_file`.
        EmptyDocument, TooLarge: The size is not allowed.
        AtCapacity: Too many documents are unfinished.
        NameTaken: The input folder has a file of that name that belongs to no document.
    """
    file = check_file(name, options, folders=folders)
    _check_folder(workspace, file.name)
    existing = by_name(workspace, [file.name]).get(file.name)
    if existing and not replace:
        return Accepted(existing, duplicate=True)
    document = new_documents.of_file(workspace, file, track_id, options)
    with file_storage.receive(workspace, file.name, chunks) as received:
        if existing:
            file_storage.archive([existing])  # its file may have the same name
        return _insert_file(document, received, options, replace=replace)


def check_file(
    name: str, options: IngestOptions = NO_OPTIONS, *, folders: bool = False
) -> FileName:
    """Return the parsed name of a file that can be accepted.

    With `folders`, the name may be a relative path.

    Raises InvalidName, UnsupportedType, InvalidChunking or InvalidTags.
    """
    file = file_names.parse_path(name) if folders else file_names.parse(name)
    parsers.check_suffix(file.suffix)
    ChunkOptions.from_request(options.chunking or file.chunking)
    tags.clean(options.tags or ())
    return file


def _check_folder(workspace: Workspace, name: str) -> None:
    """Raise UnsafeName if the first folder of a path is that of another workspace."""
    folder, slash, _ = name.partition("/")
    if not slash:
        return
    path = file_storage.folder(workspace) / folder
    others = Workspace.objects.exclude(pk=workspace.pk).values_list("name", flat=True)
    reserved = {file_storage.folder_path(other) for other in others}
    if folder == file_storage.ARCHIVE or path in reserved:
        raise UnsafeName(f"The folder '{folder}' is used by the server. Rename it.")


def _insert_file(
    document: Document, received: ReceivedFile, options: IngestOptions, *, replace: bool
) -> Accepted:
    """Insert the row and rename the file in one transaction.

    Of two concurrent uploads of one name, the second is returned as a duplicate.
    """
    workspace, name = document.workspace, document.name
    with (
        file_storage.removed_on_error(received, name) as path,
        transaction.atomic(),
    ):
        lock_for_insert(workspace, replace=replace)
        existing = by_name(workspace, [name]).get(name)
        if existing and not replace:
            return Accepted(existing, duplicate=True)
        new_documents.check_capacity(workspace, 1)
        document.source_path = file_storage.relative(path)
        document.metadata |= file_storage.file_metadata(
            received.size, received.mtime_ns, received.md5
        )
        if existing:
            supersede(document, existing, options)
        document.save(force_insert=True)
        file_storage.publish(received, path)
        record_additions(document.workspace_id, [document])
        workers.notify_workers()
    return Accepted(document)


def supersede(document: Document, existing: Document, options: IngestOptions) -> None:
    """Make an unsaved document the new version of an existing one.

    An existing document that was never processed is deleted instead, and so is an
    earlier new version that is still unfinished. Call it under `lock_for_insert`.
    """
    workspace = existing.workspace
    if options.tags is None:
        document.tags = existing.tags
    obsolete = list(Document.objects.filter(replaces=existing))
    if existing.status == Status.PROCESSED:
        lifecycle_versions.make_version_of(document, existing)
    else:
        obsolete.append(existing)
    if obsolete:
        document_deletion.delete_documents(
            workspace, [row.public_id for row in obsolete]
        )
    files = [row for row in obsolete if row.source_path != document.source_path]
    transaction.on_commit(partial(row_deletion.delete_files, files))


def accept_texts(
    workspace: Workspace,
    items: Sequence[TextItem],
    *,
    track_id: str,
    options: IngestOptions = NO_OPTIONS,
    replace: bool = False,
) -> list[Accepted]:
    """Store texts and queue their documents, all or none.

    The number of statements does not depend on the number of texts. With `replace`, a
    text with the name of an existing document becomes its new version, which costs a few
    statements each. A text that another document already contains becomes a FAILED row
    that names this document.

    Raises:
        InvalidName, RepeatedName, EmptyDocument, InvalidChunking, InvalidTags: The request
            is invalid.
        NameTaken: A document of that name exists, and `replace` is false.
        AtCapacity: Too many documents are unfinished.
    """
    ChunkOptions.from_request(options.chunking)
    tags.clean(options.tags or ())
    texts = [_check_text(item) for item in items]
    if len({text.name for text in texts}) < len(texts):
        raise RepeatedName
    with transaction.atomic():
        lock_for_insert(workspace, replace=replace)
        existing = by_name(workspace, [text.name for text in texts])
        if existing and not replace:
            raise _name_taken(next(iter(existing.values())))
        new_documents.check_capacity(workspace, len(texts))
        rows = [new_documents.of_text(workspace, t, track_id, options) for t in texts]
        for row in rows:
            if row.name in existing:
                supersede(row, existing[row.name], options)
        accepted = _mark_duplicates(workspace, rows)
        _insert_texts(accepted, texts)
        record_additions(workspace.pk, rows)
        workers.notify_workers()
    return accepted


def _insert_texts(accepted: Sequence[Accepted], texts: Sequence[CleanText]) -> None:
    Document.objects.bulk_create(
        (item.document for item in accepted), batch_size=BATCH_SIZE
    )
    DocumentContent.objects.bulk_create(
        (
            DocumentContent(document=item.document, text=text.text)
            for item, text in zip(accepted, texts, strict=True)
            if not item.duplicate
        ),
        batch_size=BATCH_SIZE,
    )


def replace_text(
    workspace: Workspace,
    public_id: str,
    text: str,
    *,
    track_id: str,
    options: IngestOptions,
) -> Accepted:
    """Store a text as the new version of a document, see `accept_texts`.

    If the document is itself an unfinished new version, the text replaces it. Raises
    UnknownDocument.
    """
    with transaction.atomic():
        lock_for_insert(workspace, replace=True)
        document = listing.get(workspace, public_id)
        item = TextItem(text, (document.replaces or document).name)
        (accepted,) = accept_texts(
            workspace, [item], track_id=track_id, options=options, replace=True
        )
    return accepted


def record_additions(workspace_id: int, rows: Sequence[Document]) -> None:
    """Record new documents and new versions in the audit log."""
    new = [row.name for row in rows if not row.replaces]
    versions = [row.replaces.name for row in rows if row.replaces]
    audit.record_many(Action.DOCUMENT_ADD, new, workspace_id=workspace_id)
    audit.record_many(Action.DOCUMENT_REPLACE, versions, workspace_id=workspace_id)


def _check_text(item: TextItem) -> CleanText:
    text = text_cleaning.clean(item.text).strip()
    if not text:
        raise EmptyDocument("The text is blank.")
    md5 = text_cleaning.content_hash(text)
    if item.name is None:
        return CleanText(text, new_documents.default_name(md5), md5)
    return CleanText(text, file_names.text_name(item.name), md5)


def _name_taken(document: Document) -> NameTaken:
    return NameTaken(
        f"Document storage already contains '{document.name}' "
        f"(Status: {document.status}). "
        "Delete the existing record before re-inserting."
    )


def _mark_duplicates(workspace: Workspace, rows: Sequence[Document]) -> list[Accepted]:
    """Mark rows whose text is in the table, or earlier in the batch, as duplicates."""
    hashes = [row.content_hash for row in rows]
    stored = Document.objects.filter(workspace=workspace, content_hash__in=hashes)
    originals = {document.content_hash: document for document in stored}
    accepted = []
    for row in rows:
        original = originals.setdefault(row.content_hash, row)
        is_duplicate = original not in (row, row.replaces)
        if is_duplicate:
            new_documents.mark_duplicate(row, original)
        accepted.append(Accepted(row, is_duplicate))
    return accepted


def lock_for_insert(workspace: Workspace, *, replace: bool) -> None:
    """Prevent others from adding documents, and with `replace` also from deleting them."""
    locks.lock_names(workspace)
    if replace:
        locks.lock_and_invalidate(workspace.pk)


def by_name(workspace: Workspace, names: Sequence[str]) -> dict[str, Document]:
    """Return the documents with these names, by name."""
    rows = Document.objects.filter(workspace=workspace, name__in=names)
    return {document.name: document for document in rows}
