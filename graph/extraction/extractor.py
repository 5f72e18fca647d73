"""One chunk in, what it says of entities and relations out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from django.conf import settings

from graph.extraction.contract import (
    ChunkText,
    ExtractionInterrupted,
    ExtractionResult,
    Extractor,
    Known,
    PaidCall,
)
from graph.extraction.linguistic.extractor import LinguisticExtractor
from graph.extraction.llm import LLMExtractor
from retrieval.llm.base import Completion
from retrieval.llm.calls import cache
from retrieval.llm.registry import configured_models

__all__ = [
    "ChunkText",
    "ExtractionInterrupted",
    "ExtractionResult",
    "Extractor",
    "Known",
    "LLMExtractor",
    "LinguisticExtractor",
    "PaidCall",
    "Reading",
    "extractor",
    "recall",
]


def extractor() -> Extractor:
    """The configured one: a chat model's, or else the linguistic one."""
    ingest = settings.LIGHTRAG.ingest
    chat = configured_models.extract_chat()
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


class Reading:
    """One chunk's extraction, which may be attempted again without paying twice."""

    def __init__(self, reader: Extractor, chunk: ChunkText, known: Known) -> None:
        self._reader = reader
        self._chunk = chunk
        self._known = known
        self._bought: dict[str, PaidCall] = {}

    async def attempt(self) -> ExtractionResult:
        """As `Extractor.extract`; `calls` are those of all attempts."""
        bought = {key: call.completion for key, call in self._bought.items()}
        try:
            known = {**self._known, **bought} if bought else self._known
            result = await self._reader.extract(self._chunk, known)
        except ExtractionInterrupted as error:
            self._bought |= {call.key: call for call in error.calls}
            raise
        return replace(result, calls=(*self._bought.values(), *result.calls))


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
