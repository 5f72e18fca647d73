"""Extract entities and relations from chunks; store each answer as it arrives."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django.conf import settings
from django.db import connection, transaction

from documents.pipeline import chunk_retry
from documents.pipeline.jobs import Lane
from documents.pipeline.steps.chunk_rows import PendingChunk
from documents.workspaces import locks
from graph.extraction import answer_format, collect
from graph.extraction import extractor as extraction_extractor
from graph.extraction.extractor import (
    ChunkText,
    ExtractionResult,
    Extractor,
    RetryableExtraction,
)
from retrieval.llm.base import Completion
from retrieval.llm.calls import cache
from retrieval.llm.calls.cache import CacheEntry
from retrieval.llm.errors import LLMError
from retrieval.llm.usage.models import LLMCache, LLMCall

FIGURE_TYPE = "figure"
FIGURE_KEYWORDS = "associated with, contained in"

# The join leaves out chunks that were deleted during the model call.
STORE_EXTRACTIONS = """
INSERT INTO graph_chunkextraction (chunk_id, records, model, created_at)
SELECT f.chunk_id, f.records, f.model, now()
FROM unnest(%(chunks)s::bigint[], %(records)s::jsonb[], %(models)s::text[])
    AS f (chunk_id, records, model)
JOIN documents_chunk c ON c.id = f.chunk_id
ORDER BY c.id FOR KEY SHARE OF c
ON CONFLICT (chunk_id) DO NOTHING
"""

# A later extraction of the same document replaces the warning.
WARN = """
UPDATE documents_document d
SET metadata = d.metadata || jsonb_build_object('extraction_warning', f.warning)
FROM unnest(%(chunks)s::bigint[], %(warnings)s::text[]) AS f (chunk_id, warning)
JOIN documents_chunk c ON c.id = f.chunk_id
WHERE d.id = c.document_id
"""


class ChunkFailed(Exception):
    """The extraction of a chunk failed, and its retry budget is used up."""

    def __init__(self, order: int, cause: BaseException) -> None:
        super().__init__(f"chunk {order}: {cause}")
        self.order = order
        self.cause = cause


@dataclass(frozen=True, slots=True)
class ExtractJob:
    """Extraction of one chunk. A failed call is retried in `run`."""

    purpose: ClassVar = LLMCall.Purpose.EXTRACT
    lane: ClassVar = Lane.CHAT
    workspace_id: int
    chunk: PendingChunk
    extractor: Extractor
    cached: Mapping[str, Completion]

    async def run(self) -> ExtractionResult:
        """Return the chunk's extraction, or raise ChunkFailed."""
        text = ChunkText(self.chunk.content, self.chunk.headings)
        extraction = RetryableExtraction(self.extractor, text, self.cached)
        try:
            result = await chunk_retry.retry_within_budget(
                extraction.attempt, self.extractor.probe
            )
        except LLMError as error:
            raise ChunkFailed(self.chunk.order, error) from error
        return with_figure(result, self.chunk) if self.chunk.figure else result

    def store(self, done: Sequence[tuple[ExtractJob, ExtractionResult]]) -> None:
        """Store the extractions, and the answers that they were parsed from."""
        records = [
            json.dumps(answer_format.to_json(result.extraction)) for _, result in done
        ]
        values: dict[str, Any] = {
            "chunks": [job.chunk.id for job, _ in done],
            "records": records,
            "models": [result.model for _, result in done],
        }
        with transaction.atomic():
            locks.share_lock(self.workspace_id)
            with connection.cursor() as cursor:
                cursor.execute(STORE_EXTRACTIONS, values)
                if warnings := incomplete(done):
                    cursor.execute(WARN, warnings)
            if settings.LIGHTRAG.ingest.llm_cache:
                cache.store(self.workspace_id, answers(done))


def with_figure(result: ExtractionResult, chunk: PendingChunk) -> ExtractionResult:
    """Add the figure that the chunk describes, related to what it shows.

    The keywords are LightRAG's (docs/lightrag.md C.12).
    """
    figure = collect.entity(chunk.figure, FIGURE_TYPE, chunk.content)
    relations = (
        collect.relation(
            figure.name, entity.name, FIGURE_KEYWORDS, f"{figure.name}: {entity.name}"
        )
        for entity in result.extraction.entities
    )
    shown = collect.collect([figure], relations)
    return replace(result, extraction=collect.joined(shown, result.extraction))


def incomplete(
    done: Sequence[tuple[ExtractJob, ExtractionResult]],
) -> dict[str, list[Any]]:
    """Return the chunks whose extraction may be incomplete, and why; empty if none."""
    rows = [(job.chunk, result.warning) for job, result in done if result.warning]
    if not rows:
        return {}
    return {
        "chunks": [chunk.id for chunk, _ in rows],
        "warnings": [f"Chunk {chunk.order + 1}: {warning}" for chunk, warning in rows],
    }


def answers(done: Sequence[tuple[ExtractJob, ExtractionResult]]) -> list[CacheEntry]:
    return [
        CacheEntry(
            key=call.key,
            purpose=LLMCache.Purpose.EXTRACT,
            model=result.model,
            completion=call.completion,
            chunk_id=job.chunk.id,
            prompt_chars=call.prompt_chars,
        )
        for job, result in done
        for call in result.calls
    ]


def jobs(
    workspace_id: int, chunks: Sequence[PendingChunk]
) -> dict[int, list[ExtractJob]]:
    """Return a job for each chunk without an extraction, by document.

    An answer that is cached for the same text is not requested again. One query looks
    up all of them.
    """
    reader = extraction_extractor.extractor()
    waiting = [chunk for chunk in chunks if chunk.unextracted]
    cached = extraction_extractor.recall(
        reader,
        [ChunkText(chunk.content, chunk.headings) for chunk in waiting],
        lambda keys: cache.lookup(workspace_id, keys),
    )
    by_document: dict[int, list[ExtractJob]] = {}
    for chunk in waiting:
        job = ExtractJob(workspace_id, chunk, reader, cached)
        by_document.setdefault(chunk.document_id, []).append(job)
    return by_document
