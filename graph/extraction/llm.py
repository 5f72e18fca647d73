"""A chunk read by a chat model."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from graph.extraction import answer_format, collect, prompts
from graph.extraction.contract import (
    ChunkText,
    ExtractionInterrupted,
    ExtractionResult,
    Known,
    PaidCall,
)
from graph.extraction.records import Extraction
from retrieval.llm import tokens
from retrieval.llm.base import ChatModel, ChatRequest, Completion
from retrieval.llm.calls import cache
from retrieval.llm.errors import BadAnswer, LLMError


@dataclass(frozen=True)
class LLMExtractor:
    """Asks a chat model, and asks again `gleaning` times for what it missed.

    A further round is skipped where its prompt would exceed `max_input_tokens`, and
    once a round brought nothing.
    """

    chat: ChatModel
    language: str
    types: tuple[str, ...]
    gleaning: int = 0
    max_entities: int = 40
    max_records: int = 100
    max_input_tokens: int = 20480

    @property
    def identity(self) -> str:
        return self.chat.identity

    @property
    def rounds(self) -> int:
        return 1 + self.gleaning

    @cached_property
    def instructions(self) -> str:
        return prompts.instructions(
            self.language,
            self.types,
            entities=self.max_entities,
            records=self.max_records,
        )

    def first_request(self, chunk: ChunkText) -> ChatRequest:
        """What is asked of the model first; its cache key needs nothing else."""
        return self._request(chunk, ())

    def next_request(self, chunk: ChunkText, known: Known) -> ChatRequest | None:
        reading = _Reading()
        while request := self._following(chunk, reading):
            recalled = _recalled(reading, known.get(self._key(request)))
            if recalled is None:
                return request
            reading = recalled
        return None

    async def extract(self, chunk: ChunkText, known: Known) -> ExtractionResult:
        reading = _Reading()
        while request := self._following(chunk, reading):
            recalled = _recalled(reading, known.get(self._key(request)))
            reading = recalled or await self._bought(reading, request)
        return ExtractionResult(reading.found, self.identity, reading.calls)

    async def _bought(self, reading: _Reading, request: ChatRequest) -> _Reading:
        try:
            completion = await self.chat.complete(request)
            further = reading.with_answer(completion)
        except LLMError as error:
            if reading.calls:
                raise ExtractionInterrupted(error, reading.calls) from error
            raise
        call = PaidCall(self._key(request), completion, request.chars)
        return replace(further, calls=(*reading.calls, call))

    def _key(self, request: ChatRequest) -> str:
        return cache.key(self.chat.identity, request)

    def _following(self, chunk: ChunkText, reading: _Reading) -> ChatRequest | None:
        if not reading.rounds:
            return self.first_request(chunk)
        if reading.rounds >= self.rounds or reading.exhausted:
            return None
        request = self._request(chunk, _listed(reading.found))
        size = sum(tokens.count(message.content) for message in request.messages)
        return request if size <= self.max_input_tokens else None

    def _request(self, chunk: ChunkText, listed: tuple[str, ...]) -> ChatRequest:
        return ChatRequest(
            prompts.extraction(self.instructions, chunk.text, chunk.headings, listed),
            prompts.EXTRACTION_SCHEMA,
        )


@dataclass(frozen=True, slots=True)
class _Reading:
    """How far the reading of one chunk has come."""

    found: Extraction = field(default_factory=Extraction)
    rounds: int = 0
    exhausted: bool = False
    calls: tuple[PaidCall, ...] = ()

    def with_answer(self, completion: Completion) -> _Reading:
        """One round further. Raises `BadAnswer`."""
        more = answer_format.read(completion.text)
        return replace(
            self,
            found=collect.gleaned(self.found, more),
            rounds=self.rounds + 1,
            exhausted=not (more.entities or more.relations),
        )


def _recalled(reading: _Reading, completion: Completion | None) -> _Reading | None:
    # What is kept but cannot be read (any more) is bought again.
    if completion is None:
        return None
    try:
        return reading.with_answer(completion)
    except BadAnswer:
        return None


def _listed(found: Extraction) -> tuple[str, ...]:
    return (
        *(f"- {entity.name}" for entity in found.entities),
        *(f"- {edge.source} | {edge.target}" for edge in found.relations),
    )
