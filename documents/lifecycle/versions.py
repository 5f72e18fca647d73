"""New versions of documents, processed while the current version is used for answers.

The new version is a row of its own whose `replaces` is the current version. Chunks with
an unchanged text reuse the stored extraction and vector. One commit then replaces the
current version, its mentions and its chunks.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import PurePosixPath

from django.db import connection, transaction

from documents.lifecycle import row_deletion
from documents.models import Document, EventKind
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
JOIN documents_workspace w ON w.id = d.workspace_id
JOIN search_chunk s ON s.index_id = w.search_index AND s.chunk_id = o.id
WHERE d.id = ANY(%(documents)s) AND s.vector IS NOT NULL
ORDER BY n.id
ON CONFLICT (chunk_id) DO NOTHING
"""


def version_name(name: str) -> str:
    """Return the name of a new version until it replaces the current one."""
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem} (new version){path.suffix}"))


def make_version_of(document: Document, old: Document) -> Document:
    """Make an unsaved document the new version of `old`, and return it."""
    document.replaces = old
    document.name = version_name(old.name)
    document.public_id = f"new-{old.public_id.removeprefix('doc-')}"
    return document


def reuse_chunks(documents: Sequence[Document]) -> None:
    """Copy extractions and vectors of unchanged chunks to new versions. Two statements."""
    ids = [document.pk for document in documents if document.replaces_id]
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(REUSE_EXTRACTIONS, {"documents": ids})
            cursor.execute(REUSE_VECTORS, {"documents": ids})


def replace_current(workspace_id: int, documents: Sequence[Document]) -> Touched:
    """Delete the versions that these documents replace, and return what they mentioned.

    Call it under the workspace's lock in the transaction that merges the documents, and
    call `row_deletion.prune_graph` with the result after the merge. Entities that the new
    version mentions too are then kept, with the edits of users.
    """
    rows = Document.objects.filter(replacement__in=documents)
    current = {document.pk: document for document in rows}
    if not current:
        return Touched()
    unmentioned = row_deletion.delete_rows(workspace_id, list(current.values()))
    for document in documents:
        if document.replaces_id in current:
            _take_over(document, current[document.replaces_id])
    return unmentioned


def _take_over(document: Document, old: Document) -> None:
    """Give the new version the name and id of the old one, and delete the old file."""
    document.name, document.public_id = old.name, old.public_id
    document.replaces = None
    document.save(update_fields=["name", "public_id", "replaces"])
    event_log.record(
        document, EventKind.REPLACED, f"Replaced the previous version of {old.name}"
    )
    if old.source_path and old.source_path != document.source_path:
        transaction.on_commit(partial(row_deletion.delete_files, [old]))
