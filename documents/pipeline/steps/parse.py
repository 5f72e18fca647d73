"""Documents -> text -> chunks, stored: the first step of ingestion, without a model."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from documents import chunking, parsing
from documents.chunking import ChunkDraft, ChunkOptions
from documents.errors import DocumentError, EmptyDocument
from documents.files import file_storage
from documents.lifecycle import versions
from documents.models import Chunk, Document, DocumentContent, EventKind, Status
from documents.parsing import ParsedDocument, text_cleaning
from documents.pipeline import transitions
from documents.pipeline.jobs import Lane
from documents.workspaces import document_locks, event_log, locks
from retrieval.llm import event_loop
from retrieval.llm.registry import configured_models
from retrieval.llm.usage.models import LLMCall

MAX_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class ParsedChunks:
    """One document's text, cut up, not yet stored."""

    document: Document
    parsed: ParsedDocument
    drafts: tuple[ChunkDraft, ...]
    content_hash: str
    started: float


@dataclass(frozen=True, slots=True)
class ParseJob:
    """One document to read; `text` is None for a file."""

    purpose: ClassVar = LLMCall.Purpose.EMBEDDING
    lane: ClassVar = Lane.PARSING
    document: Document
    text: str | None

    async def run(self) -> ParsedChunks:
        """In a thread, for it is work and not waiting; raises DocumentError."""
        return await asyncio.to_thread(read, self.document, self.text)

    def store(self, done: Sequence[tuple[ParseJob, ParsedChunks]]) -> None:
        """Keep the texts and chunks of all but duplicates, which fail.

        A document that was stopped and tried again at once may have been read twice.
        """
        once = {reading.document.pk: reading for _, reading in done}
        store([*without_duplicates([*once.values()])])


def jobs(documents: Sequence[Document]) -> Iterator[ParseJob]:
    """A job for each document that has no chunks yet; two queries, and three writes."""
    chunked = set(
        Chunk.objects.filter(document__in=documents)
        .values_list("document_id", flat=True)
        .distinct()
    )
    unread = [document for document in documents if document.pk not in chunked]
    ids = [document.pk for document in unread]
    begin(documents, chunked)
    texts = dict(
        DocumentContent.objects.filter(pk__in=ids).values_list("document_id", "text")
    )
    for document in unread:
        yield ParseJob(document, texts.get(document.pk))


def begin(documents: Sequence[Document], chunked: Collection[int]) -> None:
    """Say how far they are, those that were not cancelled since they were claimed."""
    with transaction.atomic():
        ids = [document.pk for document in documents]
        held = document_locks.in_order(
            Document.objects.filter(pk__in=ids, cancelled=False)
        )
        held.filter(pk__in=chunked).update(status=Status.PROCESSING)
        held.exclude(pk__in=chunked).update(
            status=Status.PARSING, attempts=F("attempts") + 1, updated_at=Now()
        )


def parsed(document_ids: Sequence[int]) -> list[Document]:
    """Those of the documents that were read and are no duplicates, as they now stand."""
    return list(Document.objects.filter(pk__in=document_ids, status=Status.PROCESSING))


def read(document: Document, text: str | None) -> ParsedChunks:
    """Parse a file, or take the text, and cut it up. No database."""
    if document.attempts >= MAX_ATTEMPTS:
        raise GaveUp(document.attempts)
    started = time.time()
    parsed = (
        parse_file(document)
        if text is None
        else parsing.plain_text(text, document.name)
    )
    options = ChunkOptions.from_request(document.chunking)
    drafts = tuple(chunking.split(parsed, options, embed=embed_sentences))
    if not drafts:
        raise EmptyDocument
    digest = text_cleaning.content_hash(parsed.text)
    return ParsedChunks(document, parsed, drafts, digest, started)


def embed_sentences(texts: Sequence[str]) -> Sequence[Sequence[float]]:
    """For the chunking strategy that cuts where the meaning turns."""
    rows: list[list[float]] = event_loop.run(
        configured_models.embedder().embed_documents(texts)
    ).tolist()
    return rows


def parse_file(document: Document) -> ParsedDocument:
    path = file_storage.path_of(document)
    return parsing.parse(
        path, document.name, password=settings.LIGHTRAG.ingest.pdf_password
    )


def without_duplicates(readings: Sequence[ParsedChunks]) -> Iterator[ParsedChunks]:
    """Those whose text no other document of the workspace holds (docs/lightrag.md C.3).

    The others are failed with a message that names the one that was there before.
    """
    hashes = [reading.content_hash for reading in readings]
    others = Document.objects.filter(content_hash__in=hashes).exclude(
        pk__in=[reading.document.pk for reading in readings]
        + [r.document.replaces_id for r in readings if r.document.replaces_id]
    )
    known = {
        (workspace, digest): name
        for workspace, digest, name in others.values_list(
            "workspace_id", "content_hash", "name"
        )
    }
    for reading in readings:
        document = reading.document
        place = (document.workspace_id, reading.content_hash)
        if place in known:
            fail_duplicate(document, known[place])
        else:
            known[place] = document.name
            yield reading


def fail_duplicate(document: Document, original: str) -> None:
    transitions.fail(
        document,
        "Identical content already exists under another filename."
        f" Original: {original}",
        error_type="DuplicateContent",
        error_stage="parsing",
        duplicate_kind="content_hash",
    )


def store(readings: Sequence[ParsedChunks]) -> None:
    """Keep texts and chunks; the documents then wait for the models. One transaction.

    What was deleted, cancelled, taken over or read by another meanwhile is left out.
    """
    with transaction.atomic():
        locks.share_lock(*{reading.document.workspace_id for reading in readings})
        readings = still_held(readings)
        DocumentContent.objects.bulk_create(
            (
                DocumentContent(document=r.document, text=r.parsed.text)
                for r in readings
            ),
            update_conflicts=True,
            unique_fields=["document"],
            update_fields=["text"],
        )
        Chunk.objects.bulk_create(
            (chunk_row(r.document, draft) for r in readings for draft in r.drafts),
            batch_size=1000,
        )
        versions.reuse_chunks([reading.document for reading in readings])
        Document.objects.bulk_update(
            [describe(reading) for reading in readings],
            [
                "status",
                "content_summary",
                "content_length",
                "content_hash",
                "chunks_count",
                "metadata",
            ],
        )
        event_log.record_many(
            EventKind.PARSED,
            (
                (
                    reading.document,
                    f"Parsed {reading.document.name}: {len(reading.drafts)} chunks",
                    {"chunks": len(reading.drafts)},
                )
                for reading in readings
            ),
        )


def still_held(readings: Sequence[ParsedChunks]) -> list[ParsedChunks]:
    waiting = {reading.document.pk: reading for reading in readings}
    owners = {reading.document.lease_owner for reading in readings}
    held = Document.objects.filter(
        pk__in=waiting, lease_owner__in=owners, status=Status.PARSING, cancelled=False
    )
    return [waiting[pk] for pk in document_locks.lock(held)]


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
        content_hash=text_cleaning.content_hash(draft.content),
    )


def describe(reading: ParsedChunks) -> Document:
    """The document with what is now known of it."""
    document, text = reading.document, reading.parsed.text
    document.status = Status.PROCESSING
    document.content_summary = text_cleaning.summary(text)
    document.content_length = len(text)
    document.content_hash = reading.content_hash
    document.chunks_count = len(reading.drafts)
    document.metadata |= {
        "parse_engine": reading.parsed.engine,
        "parse_start_time": int(reading.started),
        "parse_end_time": int(time.time()),
        "process_start_time": int(time.time()),
        "chunk_method": document.chunking.get(
            "strategy", settings.LIGHTRAG.ingest.chunk_strategy
        ),
    }
    return document


class GaveUp(DocumentError):
    """Reading it has ended its worker too often."""

    def __init__(self, attempts: int) -> None:
        super().__init__(f"Reading it has ended its worker {attempts} times.")
