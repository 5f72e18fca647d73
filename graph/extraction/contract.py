"""What every extractor takes and gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from graph.extraction.records import Extraction
from retrieval.llm.base import ChatRequest, Completion
from retrieval.llm.errors import LLMError

Known = Mapping[str, Completion]
"""Completions that were paid for before, by their cache key."""


@dataclass(frozen=True, slots=True)
class ChunkText:
    """A chunk as an extractor sees it; `headings` are outermost first."""

    text: str
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PaidCall:
    """A completion that was bought, to be kept under its cache key."""

    key: str
    completion: Completion
    prompt_chars: int


@dataclass(frozen=True, slots=True)
class ExtractionResult:
    """What a chunk says, who read it, and what was newly paid for that."""

    extraction: Extraction
    model: str
    calls: tuple[PaidCall, ...] = ()


class ExtractionInterrupted(LLMError):
    """A later round of an extraction failed; `calls` were paid for before it did."""

    def __init__(self, cause: LLMError, calls: Sequence[PaidCall]) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.retryable = cause.retryable
        self.retry_after: float | None = getattr(cause, "retry_after", None)
        self.calls = tuple(calls)


class Extractor(Protocol):
    """Reads chunks."""

    @property
    def identity(self) -> str:
        """Who reads: stored with every extraction."""

    @property
    def rounds(self) -> int:
        """Model calls per chunk at most: 0 where no model is asked."""

    def next_request(self, chunk: ChunkText, known: Known) -> ChatRequest | None:
        """The first call for `chunk` that `known` does not hold; None if it holds all."""

    async def extract(self, chunk: ChunkText, known: Known) -> ExtractionResult:
        """What `chunk` says. Calls in `known` are not made again.

        Raises the errors of `retrieval.llm.errors`; those that are `retryable` may be
        tried again: `BadAnswer`, of which nothing is to be kept, and
        `ExtractionInterrupted`, whose `calls` are to be kept.
        """
