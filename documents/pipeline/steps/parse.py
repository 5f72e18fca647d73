"""Parse documents and split them into chunks: the first step of the pipeline."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import md5
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from documents.chunking import ChunkOptions
from documents.errors import DocumentError, EmptyDocument
from documents.files import file_storage
from documents.models import (
    Chunk,
    Document,
    DocumentContent,
    Figure,
    Status,
)
from documents.ocr.client import OcrCall, OcrOptions
from documents.parse_process import memory
from documents.parse_process.client import ParseCall
from documents.parse_process.messages import Limits, Request, Result
from documents.parse_process.services import conversion
from documents.parsing import text_cleaning
from documents.pipeline.jobs import Lane
from documents.pipeline.steps import describe, store_parsed
from documents.pipeline.steps.store_parsed import ParsedChunks
from documents.workspaces import activity, locks
from documents.workspaces.activity import Activity, ActivityKind
from retrieval.llm import event_loop
from retrieval.llm.registry import configured_models
from retrieval.llm.usage.models import LLMCall

MAX_ATTEMPTS = 10
"""Upper bound on leases of an unparsed document that expired: its worker ended."""


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
        parse_request = request(self.document, self.text)
        if self.service and parse_request.path:
            with tempfile.TemporaryDirectory() as folder:
                result = Path(folder, "result")
                await conversion.convert(
                    self.service, parse_request.path, parse_request.name, result
                )
                parse_request = replace(
                    parse_request, path=result, service=self.service
                )
                parsed = await self._parse(parse_request)
        else:
            parsed = await self._parse(parse_request)
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
        store_parsed.store_new([*once.values()])


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
        leased = locks.documents_in_order(
            Document.objects.filter(pk__in=ids, cancelled=False)
        )
        leased.filter(pk__in=chunked).update(status=Status.PROCESSING)
        leased.exclude(pk__in=chunked).update(status=Status.PARSING, updated_at=Now())


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
        images_suffice=describe.is_enabled(document),
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
    if not result.drafts and not (result.figures and describe.is_enabled(document)):
        raise EmptyDocument
    digest = text_cleaning.content_hash(result.parsed.text or figures_hash(result))
    return ParsedChunks(
        document, result.parsed, result.drafts, result.figures, digest, started
    )


def figures_hash(result: Result) -> str:
    """Return a hash of the figures, which distinguishes documents without text."""
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


class ParsingEndedWorker(DocumentError):
    """The worker process ended in every attempt to parse the document."""

    def __init__(self, attempts: int) -> None:
        super().__init__(
            f"The worker process ended {attempts} times while it parsed this file."
        )
