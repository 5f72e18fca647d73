"""Extraction by a chat model."""

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
    """Extractor that asks a chat model, then up to `gleaning` times for what it missed.

    A further round is skipped if its prompt exceeds `max_input_tokens`, or if the previous
    round found nothing.
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
        """Return the first request; its cache key depends on nothing else."""
        return self._request(chunk, ())

    def next_request(self, chunk: ChunkText, known: Known) -> ChatRequest | None:
        progress = _Progress()
        while request := self._next_request_after(chunk, progress):
            recalled = _recalled(progress, known.get(self._key(request)))
            if recalled is None:
                return request
            progress = recalled
        return None

    async def extract(self, chunk: ChunkText, known: Known) -> ExtractionResult:
        progress = _Progress()
        while request := self._next_request_after(chunk, progress):
            recalled = _recalled(progress, known.get(self._key(request)))
            progress = recalled or await self._ask(progress, request)
        return ExtractionResult(progress.found, self.identity, progress.calls)

    async def _ask(self, progress: _Progress, request: ChatRequest) -> _Progress:
        try:
            completion = await self.chat.complete(request)
            further = progress.with_answer(completion)
        except LLMError as error:
            if progress.calls:
                raise ExtractionInterrupted(error, progress.calls) from error
            raise
        call = PaidCall(self._key(request), completion, request.chars)
        return replace(further, calls=(*progress.calls, call))

    def _key(self, request: ChatRequest) -> str:
        return cache.key(self.chat.identity, request)

    def _next_request_after(
        self, chunk: ChunkText, progress: _Progress
    ) -> ChatRequest | None:
        if not progress.rounds:
            return self.first_request(chunk)
        if progress.rounds >= self.rounds or progress.exhausted:
            return None
        request = self._request(chunk, _listed(progress.found))
        size = sum(tokens.count(message.content) for message in request.messages)
        return request if size <= self.max_input_tokens else None

    def _request(self, chunk: ChunkText, listed: tuple[str, ...]) -> ChatRequest:
        return ChatRequest(
            prompts.extraction(self.instructions, chunk.text, chunk.headings, listed),
            prompts.EXTRACTION_SCHEMA,
        )


@dataclass(frozen=True, slots=True)
class _Progress:
    """Progress of the extraction of one chunk."""

    found: Extraction = field(default_factory=Extraction)
    rounds: int = 0
    exhausted: bool = False
    calls: tuple[PaidCall, ...] = ()

    def with_answer(self, completion: Completion) -> _Progress:
        """Return the progress after another round. Raises `BadAnswer`."""
        more = answer_format.read(completion.text)
        return replace(
            self,
            found=collect.gleaned(self.found, more),
            rounds=self.rounds + 1,
            exhausted=not (more.entities or more.relations),
        )


def _recalled(progress: _Progress, completion: Completion | None) -> _Progress | None:
    # A cached completion that can't be parsed is requested again.
    if completion is None:
        return None
    try:
        return progress.with_answer(completion)
    except BadAnswer:
        return None


def _listed(found: Extraction) -> tuple[str, ...]:
    return (
        *(f"- {entity.name}" for entity in found.entities),
        *(f"- {edge.source} | {edge.target}" for edge in found.relations),
    )
