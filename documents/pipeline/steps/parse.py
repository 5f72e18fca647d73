"""Parse documents and split them into chunks: the first step of the pipeline."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from hashlib import md5
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from documents.chunking import ChunkDraft, ChunkOptions, chunk_drafts
from documents.errors import DocumentError, EmptyDocument
from documents.files import file_storage
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
from documents.ocr.client import OcrCall, OcrOptions
from documents.parse_process import memory
from documents.parse_process.client import ParseCall
from documents.parse_process.messages import Limits, Request, Result
from documents.parse_process.services import conversion
from documents.parsing import ParsedDocument, text_cleaning
from documents.parsing.figures import FigureDraft
from documents.pipeline import transitions
from documents.pipeline.jobs import Lane
from documents.pipeline.steps import describe as describe_step
from documents.workspaces import activity, event_log, locks
from documents.workspaces.activity import Activity, ActivityKind
from retrieval.llm import event_loop
from retrieval.llm.registry import configured_models
from retrieval.llm.usage.models import LLMCall

MAX_ATTEMPTS = 10
"""Upper bound on leases of an unparsed document that expired: its worker ended."""
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


@dataclass(frozen=True, slots=True)
class ParseJob:
    """One document to parse; `text` is None for a file."""

    purpose: ClassVar = LLMCall.Purpose.EMBEDDING
    document: Document
    text: str | None

    @property
    def service(self) -> str:
        """The service that parses the file; empty if this server does."""
        return str(self.document.metadata.get("parser", ""))

    @property
    def lane(self) -> Lane:
        return Lane(self.service) if self.service else Lane.PARSING

    async def run(self) -> ParsedChunks:
        """Parse in a child process, which a cancellation kills. Raises DocumentError.

        With a service, the child process parses the result of the service.
        """
        if self.document.attempts >= MAX_ATTEMPTS:
            raise ParsingEndedWorker(self.document.attempts)
        started = time.time()
        wanted = request(self.document, self.text)
        if self.service and wanted.path:
            with tempfile.TemporaryDirectory() as folder:
                result = Path(folder, "result")
                await conversion.convert(self.service, wanted.path, wanted.name, result)
                wanted = replace(wanted, path=result, service=self.service)
                parsed = await self._parse(wanted)
        else:
            parsed = await self._parse(wanted)
        return chunks_of(self.document, parsed, started)

    async def _parse(self, request: Request) -> Result:
        ocr = OcrCall(ocr_options(), self._report_page)
        call = ParseCall(request, embed_sentences, ocr.run)
        try:
            return await asyncio.to_thread(call.run)
        finally:
            ocr.stop()
            call.stop()

    def _report_page(self, page: int, pages: int) -> None:
        activity.report(self.document.pk, Activity(ActivityKind.OCR, page, pages))

    def store(self, done: Sequence[tuple[ParseJob, ParsedChunks]]) -> None:
        """Store the texts and chunks; mark duplicates failed instead.

        A document that was cancelled and retried at once may have been parsed twice.
        """
        once = {result.document.pk: result for _, result in done}
        results = [*without_duplicates([*once.values()])]
        store([_with_attachments_queued(result) for result in results])


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


def jobs(documents: Sequence[Document]) -> Iterator[ParseJob]:
    """Yield a job for each document that is not parsed. Two queries and three writes."""
    chunks = Chunk.objects.filter(document__in=documents).order_by()
    figures = Figure.objects.filter(document__in=documents).order_by()
    parsed_ids = chunks.values_list("document_id").union(
        figures.values_list("document_id")
    )
    chunked = {document_id for (document_id,) in parsed_ids}
    unread = [document for document in documents if document.pk not in chunked]
    ids = [document.pk for document in unread]
    begin(documents, chunked)
    texts = dict(
        DocumentContent.objects.filter(pk__in=ids).values_list("document_id", "text")
    )
    for document in unread:
        yield ParseJob(document, texts.get(document.pk))


def begin(documents: Sequence[Document], chunked: Collection[int]) -> None:
    """Set the status of those documents that were not cancelled since the claim."""
    with transaction.atomic():
        ids = [document.pk for document in documents]
        held = locks.documents_in_order(
            Document.objects.filter(pk__in=ids, cancelled=False)
        )
        held.filter(pk__in=chunked).update(status=Status.PROCESSING)
        held.exclude(pk__in=chunked).update(status=Status.PARSING, updated_at=Now())


def parsed(document_ids: Sequence[int]) -> list[Document]:
    """Return the current rows of those documents that are parsed and not duplicates."""
    return list(Document.objects.filter(pk__in=document_ids, status=Status.PROCESSING))


def request(document: Document, text: str | None) -> Request:
    """Return what the child process needs to parse the file, or the uploaded text."""
    ingest = settings.LIGHTRAG.ingest
    return Request(
        name=document.name,
        options=ChunkOptions.from_request(document.chunking),
        limits=Limits(
            characters=ingest.max_characters,
            chunks=ingest.max_chunks,
            memory_bytes=memory.per_process().bytes_each,
            seconds=ingest.parse_timeout,
        ),
        path=file_storage.path_of(document).resolve() if text is None else None,
        text=text or "",
        password=ingest.pdf_password,
        images_suffice=describe_step.is_wanted(document),
    )


def ocr_options() -> OcrOptions:
    ingest = settings.LIGHTRAG.ingest
    return OcrOptions(
        enabled=ingest.ocr,
        language=ingest.ocr_language,
        model_dir=ingest.ocr_model_dir,
        max_pages=ingest.ocr_max_pages,
        page_timeout=ingest.ocr_page_timeout,
    )


def chunks_of(document: Document, result: Result, started: float) -> ParsedChunks:
    """Return what is stored. A document without text has figures to be described."""
    if not result.drafts and not (result.figures and describe_step.is_wanted(document)):
        raise EmptyDocument
    digest = text_cleaning.content_hash(result.parsed.text or figures_hash(result))
    return ParsedChunks(
        document, result.parsed, result.drafts, result.figures, digest, started
    )


def figures_hash(result: Result) -> str:
    """Return a hash of the figures, by which documents without text differ."""
    digest = md5(usedforsecurity=False)
    for figure in result.figures:
        digest.update(figure.content)
    return digest.hexdigest()


def embed_sentences(texts: Sequence[str]) -> Sequence[Sequence[float]]:
    """Embed sentences, for the `semantic_vector` chunking strategy."""
    rows: list[list[float]] = event_loop.run(
        configured_models.embedder().embed_documents(texts)
    ).tolist()
    return rows


def without_duplicates(results: Sequence[ParsedChunks]) -> Iterator[ParsedChunks]:
    """Yield the results whose text is new in their workspace (docs/lightrag.md C.3).

    Mark the other documents as failed, with a message that names the original.
    """
    hashes = [result.content_hash for result in results]
    others = Document.objects.filter(content_hash__in=hashes).exclude(
        pk__in=[result.document.pk for result in results]
        + [r.document.replaces_id for r in results if r.document.replaces_id]
    )
    originals = {
        (workspace, digest): name
        for workspace, digest, name in others.values_list(
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
    held = Document.objects.filter(
        pk__in=waiting, lease_owner__in=owners, status=Status.PARSING, cancelled=False
    )
    return [waiting[pk] for pk in locks.lock_documents(held)]


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


class ParsingEndedWorker(DocumentError):
    """The worker process ended in every attempt to parse the document."""

    def __init__(self, attempts: int) -> None:
        super().__init__(
            f"The worker process ended {attempts} times while it parsed this file."
        )


PENDING_CHUNKS = """
SELECT c.id, c.document_id, c."order", c.content, c.headings,
    x.chunk_id IS NULL AS unextracted, s.vector IS NULL AS unembedded,
    f."order", f.caption, coalesce(r.name, d.name)
FROM documents_chunk c
JOIN documents_document d ON d.id = c.document_id
LEFT JOIN documents_document r ON r.id = d.replaces_id
LEFT JOIN documents_figure f ON f.description_chunk_id = c.id
LEFT JOIN graph_chunkextraction x ON x.chunk_id = c.id
LEFT JOIN graph_stagedchunk s ON s.chunk_id = c.id
WHERE c.document_id = ANY(%s) AND (x.chunk_id IS NULL OR s.vector IS NULL)
ORDER BY c.document_id, c."order"
"""


@dataclass(frozen=True, slots=True)
class PendingChunk:
    """A chunk that needs an extraction, an embedding, or both."""

    id: int
    document_id: int
    order: int
    content: str
    headings: tuple[str, ...]
    unextracted: bool
    unembedded: bool
    figure: str = ""
    """The name of the figure's entity, if the chunk is the description of a figure."""


def pending_chunks(document_ids: Sequence[int]) -> dict[int, list[PendingChunk]]:
    """Return the pending chunks of each document, in order. One query."""
    chunks: dict[int, list[PendingChunk]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(PENDING_CHUNKS, [list(document_ids)])
        for pk, document, order, content, headings, *rest in cursor.fetchall():
            unextracted, unembedded, number, caption, file = rest
            figure = describe_step.entity_name(number, caption, file) if number else ""
            flags = (unextracted, unembedded, figure)
            chunk = PendingChunk(pk, document, order, content, tuple(headings), *flags)
            chunks[document].append(chunk)
    return chunks
