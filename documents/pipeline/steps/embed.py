"""Embed chunks. Their vectors are staged until all chunks of the document have one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, ClassVar

from django.db import connection, transaction

from documents.pipeline import chunk_retry, transitions
from documents.pipeline.jobs import Lane
from documents.pipeline.steps.chunk_rows import PendingChunk
from documents.workspaces import locks
from retrieval.index import lexical, search_rows
from retrieval.llm.base import Vectors
from retrieval.llm.registry import configured_models
from retrieval.llm.usage.models import LLMCall

BATCH_SIZE = 32
"""Chunks of one call."""

STAGE = """
INSERT INTO graph_stagedchunk (chunk_id, vector, lexical)
SELECT f.chunk_id, CASE WHEN w.embedding_model = %(model)s THEN f.vector::halfvec END,
    f.lexical
FROM unnest(%(chunks)s::bigint[], %(vectors)s::text[], %(lexical)s::text[])
    AS f (chunk_id, vector, lexical)
JOIN documents_chunk c ON c.id = f.chunk_id
JOIN documents_workspace w ON w.id = c.workspace_id
ORDER BY c.id FOR KEY SHARE OF c
ON CONFLICT (chunk_id) DO UPDATE
SET vector = excluded.vector, lexical = excluded.lexical
"""


def searchable_text(content: str, headings: Sequence[str]) -> str:
    """Return the text that is embedded and indexed: the headings, then the content."""
    return f"{' > '.join(headings)}\n{content}" if headings else content


@dataclass(frozen=True, slots=True)
class EmbedJob:
    """Some chunks of one document to embed in one call."""

    purpose: ClassVar = LLMCall.Purpose.EMBEDDING
    lane: ClassVar = Lane.EMBEDDING
    workspace_id: int
    chunks: tuple[PendingChunk, ...]
    model: str
    """The workspace's model when the job was created."""

    @property
    def texts(self) -> list[str]:
        return [searchable_text(chunk.content, chunk.headings) for chunk in self.chunks]

    async def run(self) -> Vectors:
        """Return a vector for each chunk."""
        embed = partial(
            configured_models.embedder(self.model).embed_documents, self.texts
        )
        return await chunk_retry.retry_within_budget(embed)

    def store(self, done: Sequence[tuple[EmbedJob, Vectors]]) -> None:
        """Stage the vectors and lexical texts in one transaction.

        Documents whose chunks are all embedded become findable in a second one.
        If the workspace has changed its embedding model meanwhile, the vector is left
        empty, and the chunk is embedded again once its document is processed.
        """
        values: dict[str, Any] = {
            "model": self.model,
            "chunks": [chunk.id for job, _ in done for chunk in job.chunks],
            "lexical": [lexical.segment(text) for job, _ in done for text in job.texts],
            "vectors": [
                search_rows.vector_text(vector) for _, rows in done for vector in rows
            ],
        }
        with transaction.atomic():
            locks.share_lock(self.workspace_id)
            with connection.cursor() as cursor:
                cursor.execute(STAGE, values)
        documents = {chunk.document_id for job, _ in done for chunk in job.chunks}
        transitions.make_embedded_findable(self.workspace_id, list(documents))


def jobs(
    workspace_id: int, chunks: Iterable[PendingChunk], model: str
) -> Iterator[EmbedJob]:
    """Yield jobs for the chunks of one document that have no vector."""
    pending = (chunk for chunk in chunks if chunk.unembedded)
    while batch := tuple(islice(pending, BATCH_SIZE)):
        yield EmbedJob(workspace_id, batch, model)
