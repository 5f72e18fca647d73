"""Extraction by a chat model."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field, replace
from functools import cached_property

from graph.extraction import answer_format, collect, prompts
from graph.extraction.contract import (
    CachedCalls,
    ChunkText,
    ExtractionInterrupted,
    ExtractionResult,
    PaidCall,
)
from graph.extraction.prompts import EntityTypes
from graph.extraction.records import Extraction
from retrieval.llm import tokens
from retrieval.llm.base import ChatModel, ChatRequest, Completion, Message
from retrieval.llm.calls import cache
from retrieval.llm.errors import BadAnswer, ContextTooLong, LLMError

MAX_ANSWER_CHARS = 60_000
"""Upper bound on an answer, about 15,000 tokens; a model that repeats itself is stopped."""
MAX_CONTINUATIONS = 2
"""Upper bound on further requests after answers that were cut off."""
MIN_SPLIT_CHARS = 600
"""Texts shorter than this are not split."""
_BREAKS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"[.!?。！？]\s*|\s"))
"""Places to split a text at, the best first."""
_ADVICE = (
    "Lower CHUNK_SIZE, or raise the model's output limit (OPENAI_LLM_MAX_TOKENS, "
    "OLLAMA_LLM_NUM_PREDICT)."
)
_PROBE = ChatRequest((Message("user", "Answer with the word OK."),))
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LLMExtractor:
    """Extractor that asks a chat model, then up to `gleaning` times for what it missed.

    A further round is skipped if its prompt exceeds `max_input_tokens`, or if the previous
    round found nothing. An answer that was cut off is continued. A chunk that is too long
    for the model, or whose answer is cut off before its first record, is split.
    """

    chat: ChatModel
    language: str
    types: EntityTypes
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

    async def probe(self) -> None:
        await self.chat.complete(_PROBE)

    def first_request(self, chunk: ChunkText) -> ChatRequest:
        """Return the first request. Its cache key does not depend on earlier answers."""
        return self._request(chunk, _Progress())

    def next_request(self, chunk: ChunkText, cached: CachedCalls) -> ChatRequest | None:
        progress = _Progress()
        while request := self._next_request_after(chunk, progress):
            recalled = _recalled(progress, cached.get(self._key(request)))
            if recalled is None:
                return request
            progress = recalled
        return None

    async def extract(self, chunk: ChunkText, cached: CachedCalls) -> ExtractionResult:
        progress = _Progress()
        while request := self._next_request_after(chunk, progress):
            recalled = _recalled(progress, cached.get(self._key(request)))
            try:
                progress = recalled or await self._ask(progress, request)
            except ContextTooLong as error:
                if progress.rounds:
                    break  # only the request for what is missing is too long
                return await self._extract_halves(chunk, cached, error)
        if progress.cut and progress.extraction == Extraction():
            empty = BadAnswer(f"The model's answer was cut off at its start. {_ADVICE}")
            return await self._extract_halves(chunk, cached, empty, progress.calls)
        return ExtractionResult(
            progress.extraction, self.identity, progress.calls, progress.warning
        )

    async def _extract_halves(
        self,
        chunk: ChunkText,
        cached: CachedCalls,
        error: LLMError,
        calls: tuple[PaidCall, ...] = (),
    ) -> ExtractionResult:
        """Extract both halves of a chunk; raise `error` if it is too short to split."""
        if len(chunk.text) < MIN_SPLIT_CHARS:
            raise error
        logger.warning("A chunk is extracted in two halves: %s", error)
        results: list[ExtractionResult] = []
        for text in halves(chunk.text):
            try:
                result = await self.extract(replace(chunk, text=text), cached)
            except LLMError as failure:
                if calls:
                    cause = getattr(failure, "cause", failure)
                    failed_calls = getattr(failure, "calls", ())
                    raise ExtractionInterrupted(
                        cause, (*calls, *failed_calls)
                    ) from failure
                raise
            calls = (*calls, *result.calls)
            results.append(result)
        first, second = results
        return ExtractionResult(
            collect.joined(first.extraction, second.extraction),
            self.identity,
            calls,
            first.warning or second.warning,
        )

    async def _ask(self, progress: _Progress, request: ChatRequest) -> _Progress:
        try:
            completion = await self.chat.complete(request)
            further = progress.with_answer(completion)
        except ContextTooLong:
            raise
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
        if not progress.answers:
            return self.first_request(chunk)
        if progress.cut:
            is_useful = progress.extraction != Extraction() and not progress.exhausted
            if not is_useful or progress.continuations >= MAX_CONTINUATIONS:
                return None
        elif progress.rounds >= self.rounds or progress.exhausted:
            return None
        request = self._request(chunk, progress)
        size = sum(tokens.count(message.content) for message in request.messages)
        return request if size <= self.max_input_tokens else None

    def _request(self, chunk: ChunkText, progress: _Progress) -> ChatRequest:
        messages = prompts.extraction(
            self.instructions,
            chunk.text,
            chunk.headings,
            _listed(progress.extraction),
            was_cut=progress.cut,
        )
        return ChatRequest(
            messages,
            prompts.schema(self.types.names),
            defaults={"temperature": 0},
            max_chars=MAX_ANSWER_CHARS,
        )


@dataclass(frozen=True, slots=True)
class _Progress:
    """Progress of the extraction of one chunk.

    `rounds` counts complete answers, `continuations` those that were cut off. `cut`: the
    last answer was cut off.
    """

    extraction: Extraction = field(default_factory=Extraction)
    rounds: int = 0
    continuations: int = 0
    cut: bool = False
    exhausted: bool = False
    calls: tuple[PaidCall, ...] = ()

    @property
    def answers(self) -> int:
        return self.rounds + self.continuations

    @property
    def warning(self) -> str:
        """What a user should know about the completeness of the extraction."""
        if self.cut:
            return f"The model's answer was cut off, so records are missing. {_ADVICE}"
        return "The model's answer was cut off and continued." * bool(
            self.continuations
        )

    def with_answer(self, completion: Completion) -> _Progress:
        """Return the progress after another answer. Raises `BadAnswer`."""
        cut = completion.truncated
        try:
            more = answer_format.read(completion.text, truncated=cut)
        except BadAnswer:
            if not cut:
                raise
            more = Extraction()
        return replace(
            self,
            extraction=collect.gleaned(self.extraction, more),
            rounds=self.rounds + (not cut),
            continuations=self.continuations + cut,
            cut=cut,
            exhausted=not (more.entities or more.relations),
        )


def halves(text: str) -> tuple[str, str]:
    """Split a text near its middle, at the end of a paragraph, line, sentence or word."""
    low, middle, high = len(text) // 4, len(text) // 2, 3 * len(text) // 4
    for pattern in _BREAKS:
        ends = [match.end() for match in pattern.finditer(text, low, high)]
        if ends:
            position = min(ends, key=lambda end: abs(end - middle))
            return text[:position], text[position:]
    return text[:middle], text[middle:]


def _recalled(progress: _Progress, completion: Completion | None) -> _Progress | None:
    # A cached completion that can't be parsed is requested again.
    if completion is None:
        return None
    try:
        return progress.with_answer(completion)
    except BadAnswer:
        return None


def _listed(extraction: Extraction) -> tuple[str, ...]:
    return (
        *(f"- {entity.name}" for entity in extraction.entities),
        *(f"- {edge.source} | {edge.target}" for edge in extraction.relations),
    )
