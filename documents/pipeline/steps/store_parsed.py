"""Store what parsing returns: texts, chunks and figures, and attachments as documents."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from hashlib import md5

from django.conf import settings
from django.db import connection, transaction

from documents.chunking import ChunkDraft, chunk_drafts
from documents.intake import attachments
from documents.lifecycle import versions
from documents.models import (
    Chunk,
    Document,
    DocumentContent,
    EventKind,
    Figure,
    Status,
)
from documents.parsing import ParsedDocument, text_cleaning
from documents.parsing.figures import FigureDraft
from documents.pipeline import transitions
from documents.workspaces import event_log, locks

FIGURES_AT_ONCE = 10
"""Upper bound on the figures of one statement, which contains their bytes."""

DESCRIPTION = (
    *("status", "content_summary", "content_length", "content_hash", "chunks_count"),
    "metadata",
)
"""The fields of a document that parsing determines."""

# bulk_update builds an expression for each field of each document, which takes 2 ms each.
STORE_DESCRIPTIONS = """
UPDATE documents_document d
SET status = r.status, content_summary = r.content_summary,
    content_length = r.content_length, content_hash = r.content_hash,
    chunks_count = r.chunks_count, metadata = r.metadata
FROM jsonb_to_recordset(%s::jsonb) AS r (
    id bigint, status text, content_summary text, content_length integer,
    content_hash text, chunks_count integer, metadata jsonb)
WHERE d.id = r.id
"""


@dataclass(frozen=True, slots=True)
class ParsedChunks:
    """One document's text, chunks and figures, not yet stored."""

    document: Document
    parsed: ParsedDocument
    drafts: tuple[ChunkDraft, ...]
    figures: tuple[FigureDraft, ...]
    content_hash: str
    started: float


def store_new(results: Sequence[ParsedChunks]) -> None:
    """Store the results whose text is new, and queue their attachments."""
    new = list(without_duplicates(results))
    store([_with_attachments_queued(result) for result in new])


def without_duplicates(results: Sequence[ParsedChunks]) -> Iterator[ParsedChunks]:
    """Yield the results whose text is new in their workspace (docs/lightrag.md C.3).

    Mark the other documents as failed, with a message that names the original.
    """
    hashes = [result.content_hash for result in results]
    documents = Document.objects.filter(content_hash__in=hashes).exclude(
        pk__in=[result.document.pk for result in results]
        + [r.document.replaces_id for r in results if r.document.replaces_id]
    )
    originals = {
        (workspace, digest): name
        for workspace, digest, name in documents.values_list(
            "workspace_id", "content_hash", "name"
        )
    }
    for result in results:
        document = result.document
        key = (document.workspace_id, result.content_hash)
        if key in originals:
            fail_duplicate(document, originals[key])
        else:
            originals[key] = document.name
            yield result


def fail_duplicate(document: Document, original: str) -> None:
    transitions.fail(
        document,
        "Identical content already exists under another filename."
        f" Original: {original}",
        error_type="DuplicateContent",
        error_stage="parsing",
        duplicate_kind="content_hash",
    )


def store(results: Sequence[ParsedChunks]) -> None:
    """Store texts, chunks and figures in one transaction.

    Leave out what was deleted, cancelled or leased by another worker meanwhile.
    """
    with transaction.atomic():
        locks.share_lock(*{result.document.workspace_id for result in results})
        results = still_leased(results)
        DocumentContent.objects.bulk_create(
            (DocumentContent(document=r.document, text=r.parsed.text) for r in results),
            update_conflicts=True,
            unique_fields=["document"],
            update_fields=["text"],
        )
        chunks = Chunk.objects.bulk_create(
            (chunk_row(r.document, draft) for r in results for draft in r.drafts),
            batch_size=1000,
        )
        ids = {(chunk.document_id, chunk.order): chunk.pk for chunk in chunks}
        Figure.objects.bulk_create(
            (figure for result in results for figure in figure_rows(result, ids)),
            batch_size=FIGURES_AT_ONCE,
        )
        versions.reuse_chunks([result.document for result in results])
        store_descriptions([describe(result) for result in results])
        event_log.record_many(
            EventKind.PARSED,
            (
                (
                    result.document,
                    f"Parsed {result.document.name}: {len(result.drafts)} chunks",
                    {"chunks": len(result.drafts)},
                )
                for result in results
            ),
        )


def still_leased(results: Sequence[ParsedChunks]) -> list[ParsedChunks]:
    waiting = {result.document.pk: result for result in results}
    owners = {result.document.lease_owner for result in results}
    leased = Document.objects.filter(
        pk__in=waiting, lease_owner__in=owners, status=Status.PARSING, cancelled=False
    )
    return [waiting[pk] for pk in locks.lock_documents(leased)]


def chunk_row(document: Document, draft: ChunkDraft) -> Chunk:
    return Chunk(
        workspace_id=document.workspace_id,
        document=document,
        order=draft.order,
        content=draft.content,
        tokens=draft.tokens,
        headings=list(draft.headings),
        page_first=draft.page_first,
        page_last=draft.page_last,
        positions=[
            {"page": position.page, "box": list(position.box)}
            for position in draft.positions
        ],
        anchor=draft.anchor,
        content_hash=text_cleaning.content_hash(draft.content),
    )


def describe(result: ParsedChunks) -> Document:
    """Return the document with the fields that parsing determines."""
    document, text = result.document, result.parsed.text
    document.status = Status.PROCESSING
    document.content_summary = text_cleaning.summary(text)
    document.content_length = len(text)
    document.content_hash = result.content_hash
    document.chunks_count = len(result.drafts)
    document.metadata |= {
        "parse_engine": result.parsed.engine,
        **(
            {"warnings": list(warnings)} if (warnings := result.parsed.warnings) else {}
        ),
        "parse_start_time": int(result.started),
        "parse_end_time": int(time.time()),
        "process_start_time": int(time.time()),
        "chunk_method": document.chunking.get(
            "strategy", settings.LIGHTRAG.ingest.chunk_strategy
        ),
    }
    return document


def store_descriptions(documents: Sequence[Document]) -> None:
    """Store what parsing determines, in one statement."""
    rows = [
        {"id": document.pk, **{name: getattr(document, name) for name in DESCRIPTION}}
        for document in documents
    ]
    with connection.cursor() as cursor:
        cursor.execute(STORE_DESCRIPTIONS, [json.dumps(rows)])


def figure_rows(
    result: ParsedChunks, chunk_ids: Mapping[tuple[int, int], int]
) -> Iterator[Figure]:
    """Yield the figures of a document; `chunk_ids` are by document and order."""
    document = result.document.pk
    for number, draft in enumerate(result.figures, start=1):
        order = chunk_drafts.order_at(result.drafts, draft.position, draft.page)
        yield Figure(
            document_id=document,
            chunk_id=None if order is None else chunk_ids[document, order],
            order=number,
            page=draft.page,
            box=list(astuple(draft.box)) if draft.box else None,
            media_type=draft.media_type,
            content=draft.content,
            content_hash=md5(draft.content, usedforsecurity=False).hexdigest(),
            width=draft.width,
            height=draft.height,
            caption=draft.caption,
        )


def _with_attachments_queued(result: ParsedChunks) -> ParsedChunks:
    """Queue the attachments as documents of their own, before the text is stored.

    If the worker dies in between, parsing is repeated and finds them queued.
    """
    parsed, document = result.parsed, result.document
    is_held = Document.objects.filter(
        pk=document.pk, lease_owner=document.lease_owner, cancelled=False
    ).exists
    if not parsed.attachments or not is_held():
        return result
    with transaction.atomic():
        warnings = attachments.store(document, parsed.attachments)
    return replace(
        result,
        parsed=replace(parsed, attachments=(), warnings=(*parsed.warnings, *warnings)),
    )
