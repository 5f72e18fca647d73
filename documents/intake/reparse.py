"""Parse stored files again with the current parsers, as new versions of their documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.db import transaction

from documents.files import file_storage
from documents.intake import new_documents
from documents.lifecycle import versions
from documents.models import Document, Status, Workspace
from documents.workspaces import locks, workers

BATCH_SIZE = 100
"""Upper bound on documents that are queued in one transaction."""


def reparse(
    workspace: Workspace, *, suffixes: Sequence[str] = (), names: Sequence[str] = ()
) -> int:
    """Queue new versions of the processed documents, and return their number.

    A chunk whose text is unchanged keeps its extraction and its vector. Documents without
    a stored file, and those with an unfinished new version, are left out.
    """
    rows = Document.objects.filter(
        workspace=workspace, status=Status.PROCESSED, replacement=None
    ).exclude(source_path="")
    if names:
        rows = rows.filter(name__in=names)
    selected = [row.pk for row in rows.only("name") if _has_suffix(row, suffixes)]
    track_id = new_documents.track_id("enqueue")
    batches = range(0, len(selected), BATCH_SIZE)
    return sum(
        _queue(workspace, selected[start : start + BATCH_SIZE], track_id)
        for start in batches
    )


def _has_suffix(document: Document, suffixes: Sequence[str]) -> bool:
    return not suffixes or document.name.lower().endswith(tuple(suffixes))


def _queue(workspace: Workspace, ids: Sequence[int], track_id: str) -> int:
    with transaction.atomic():
        locks.lock_names(workspace)
        rows = Document.objects.filter(
            pk__in=ids, status=Status.PROCESSED, replacement=None
        ).select_related("workspace")
        new = list(_versions(rows, track_id))
        Document.objects.bulk_create(new)
        workers.notify_workers()
    return len(new)


def _versions(rows: Iterable[Document], track_id: str) -> Iterator[Document]:
    for old in rows:
        if not (file_storage.input_dir() / old.source_path).is_file():
            continue
        document = Document(
            workspace=old.workspace,
            source_path=old.source_path,
            track_id=track_id,
            chunking=old.chunking,
            tags=old.tags,
            metadata={
                key: value
                for key, value in old.metadata.items()
                if key.startswith("file_")
                or key in {"process_options", "parser", "attached_to"}
            },
        )
        yield versions.make_version_of(document, old)
