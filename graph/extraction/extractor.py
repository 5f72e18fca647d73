"""The configured extractor, and extraction with retries and cached completions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from django.conf import settings

from graph.extraction.contract import (
    CachedCalls,
    ChunkText,
    ExtractionInterrupted,
    ExtractionResult,
    Extractor,
    PaidCall,
)
from graph.extraction.linguistic.extractor import LinguisticExtractor
from graph.extraction.llm import LLMExtractor
from graph.extraction.prompts import EntityTypes
from retrieval.llm.base import Completion
from retrieval.llm.calls import cache
from retrieval.llm.registry import configured_models

__all__ = [
    "CachedCalls",
    "ChunkText",
    "ExtractionInterrupted",
    "ExtractionResult",
    "Extractor",
    "LLMExtractor",
    "LinguisticExtractor",
    "PaidCall",
    "RetryableExtraction",
    "extractor",
    "recall",
]


def extractor() -> Extractor:
    """Return the extractor of the configured chat model, else the linguistic one."""
    ingest = settings.LIGHTRAG.ingest
    chat = configured_models.extract_chat()
    if chat is None:
        return LinguisticExtractor(
            ingest.max_extraction_entities, ingest.max_extraction_records
        )
    return LLMExtractor(
        chat,
        ingest.language,
        entity_types(),
        ingest.max_gleaning,
        ingest.max_extraction_entities,
        ingest.max_extraction_records,
        ingest.max_extract_input_tokens,
    )


def entity_types() -> EntityTypes:
    """Return the types of ENTITY_TYPE_PROMPT_FILE, else those of ENTITY_TYPES."""
    ingest = settings.LIGHTRAG.ingest
    examples = ingest.extraction_examples
    if ingest.entity_type_guidance:
        return EntityTypes.of_guidance(ingest.entity_type_guidance, examples)
    return replace(EntityTypes.of_names(ingest.entity_types), examples=examples)


class RetryableExtraction:
    """Extraction of a chunk that can be retried; completed calls are not repeated."""

    def __init__(
        self, extractor: Extractor, chunk: ChunkText, cached: CachedCalls
    ) -> None:
        self._extractor = extractor
        self._chunk = chunk
        self._cached = cached
        self._calls: dict[str, PaidCall] = {}

    async def attempt(self) -> ExtractionResult:
        """Call `Extractor.extract`; the result has the calls of all attempts."""
        completed = {key: call.completion for key, call in self._calls.items()}
        try:
            cached = {**self._cached, **completed} if completed else self._cached
            result = await self._extractor.extract(self._chunk, cached)
        except ExtractionInterrupted as error:
            self._calls |= {call.key: call for call in error.calls}
            raise
        return replace(result, calls=(*self._calls.values(), *result.calls))


def recall(
    extractor: Extractor,
    chunks: Iterable[ChunkText],
    lookup: Callable[[Sequence[str]], CachedCalls],
) -> CachedCalls:
    """Return the cached completions of all chunks; look up the keys once per round."""
    cached: dict[str, Completion] = {}
    pending = list(chunks)
    for _ in range(extractor.rounds):
        chunk_by_key: dict[str, ChunkText] = {}
        for chunk in pending:
            request = extractor.next_request(chunk, cached)
            if request is not None:
                chunk_by_key[cache.key(extractor.identity, request)] = chunk
        completions = lookup(list(chunk_by_key))
        cached.update(completions)
        pending = [chunk_by_key[key] for key in completions]
    return cached
