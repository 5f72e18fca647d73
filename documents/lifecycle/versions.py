"""A new version of a document: read beside the old one, which answers until the switch.

The new version is a row of its own that `replaces` the old. Chunks whose text is the
same keep their extraction and their vector, so only what changed is paid for. The switch
is one commit: what the old version said leaves and what the new one says comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import PurePath

from django.db import connection, transaction

from documents.lifecycle import row_deletion
from documents.models import Document, EventKind, Status
from documents.workspaces import event_log
from retrieval.index.search_rows import Touched

REUSE_EXTRACTIONS = """
INSERT INTO graph_chunkextraction (chunk_id, records, model, created_at)
SELECT DISTINCT ON (n.id) n.id, x.records, x.model, x.created_at
FROM documents_document d
JOIN documents_chunk n ON n.document_id = d.id
JOIN documents_chunk o ON o.document_id = d.replaces_id
    AND o.content_hash = n.content_hash AND o.headings = n.headings
JOIN graph_chunkextraction x ON x.chunk_id = o.id
WHERE d.id = ANY(%(documents)s)
ORDER BY n.id
ON CONFLICT (chunk_id) DO NOTHING
"""

REUSE_VECTORS = """
INSERT INTO graph_stagedchunk (chunk_id, vector, lexical)
SELECT DISTINCT ON (n.id) n.id, s.vector, s.lexical
FROM documents_document d
JOIN documents_chunk n ON n.document_id = d.id
JOIN documents_chunk o ON o.document_id = d.replaces_id
    AND o.content_hash = n.content_hash AND o.headings = n.headings
JOIN search_chunk s ON s.workspace_id = d.workspace_id AND s.chunk_id = o.id
WHERE d.id = ANY(%(documents)s) AND s.vector IS NOT NULL
ORDER BY n.id
ON CONFLICT (chunk_id) DO NOTHING
"""


def version_name(name: str) -> str:
    """What the new version of a document goes by until it takes the old one's place."""
    path = PurePath(name)
    return f"{path.stem} (new version){path.suffix}"


def as_version(document: Document, old: Document) -> Document:
    """The unsaved row of a document as the new version of `old`."""
    document.replaces = old
    document.name = version_name(old.name)
    document.public_id = f"new-{old.public_id.removeprefix('doc-')}"
    return document


def answers(document: Document) -> bool:
    """Whether there is anything of this version that must go on answering."""
    return document.status == Status.PROCESSED


def reuse(documents: Sequence[Document]) -> None:
    """Give new versions what the same chunks of the old ones had. Two statements."""
    ids = [document.pk for document in documents if document.replaces_id]
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(REUSE_EXTRACTIONS, {"documents": ids})
            cursor.execute(REUSE_VECTORS, {"documents": ids})


def switch(workspace_id: int, documents: Sequence[Document]) -> Touched:
    """Erase what these documents replace, and let them go by its name and id.

    Call it under the workspace's lock, in the transaction that merges them, and settle
    what it returns after the merge: what the new version speaks of too is not made anew,
    so a person's edits and names of it stay.
    """
    replaced = Document.objects.filter(replacement__in=documents)
    old = {document.pk: document for document in replaced}
    if not old:
        return Touched()
    silent = row_deletion.take_out(workspace_id, list(old.values()))
    for document in documents:
        if document.replaces_id in old:
            take_place(document, old[document.replaces_id])
    return silent


def take_place(document: Document, old: Document) -> None:
    document.name, document.public_id = old.name, old.public_id
    document.replaces = None
    document.save(update_fields=["name", "public_id", "replaces"])
    event_log.record(
        document, EventKind.REPLACED, f"Replaced the previous version of {old.name}"
    )
    if old.source_path and old.source_path != document.source_path:
        transaction.on_commit(partial(row_deletion.delete_files, [old]))
