"""One chunk in, what it says of entities and relations out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from django.conf import settings

from graph.extraction_contract import (
    ChunkText,
    ExtractionInterrupted,
    ExtractionResult,
    Extractor,
    Known,
    PaidCall,
)
from graph.extraction_llm import LLMExtractor
from graph.linguistic import LinguisticExtractor
from retrieval.llm import cache, registry
from retrieval.llm.base import Completion

__all__ = [
    "ChunkText",
    "ExtractionInterrupted",
    "ExtractionResult",
    "Extractor",
    "Known",
    "LLMExtractor",
    "LinguisticExtractor",
    "PaidCall",
    "extractor",
    "recall",
]


def extractor() -> Extractor:
    """The configured one: a chat model's, or else the linguistic one."""
    ingest = settings.LIGHTRAG.ingest
    chat = registry.extract_chat()
    if chat is None:
        return LinguisticExtractor(
            ingest.max_extraction_entities, ingest.max_extraction_records
        )
    return LLMExtractor(
        chat,
        ingest.language,
        tuple(ingest.entity_types),
        ingest.max_gleaning,
        ingest.max_extraction_entities,
        ingest.max_extraction_records,
        ingest.max_extract_input_tokens,
    )


def recall(
    reader: Extractor,
    chunks: Iterable[ChunkText],
    lookup: Callable[[Sequence[str]], Known],
) -> Known:
    """What was paid for before, for all `chunks`: one `lookup` of keys per round."""
    known: dict[str, Completion] = {}
    waiting = list(chunks)
    for _ in range(reader.rounds):
        asked: dict[str, ChunkText] = {}
        for chunk in waiting:
            request = reader.next_request(chunk, known)
            if request is not None:
                asked[cache.key(reader.identity, request)] = chunk
        found = lookup(list(asked))
        known.update(found)
        waiting = [asked[key] for key in found]
    return known
