"""The interface of extractors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from graph.extraction.records import Extraction
from retrieval.llm.base import ChatRequest, Completion
from retrieval.llm.errors import LLMError

CachedCalls = Mapping[str, Completion]
"""Completions of earlier calls by their cache key."""


@dataclass(frozen=True, slots=True)
class ChunkText:
    """The text of a chunk; `headings` are outermost first."""

    text: str
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PaidCall:
    """A completed call, to be stored under its cache key."""

    key: str
    completion: Completion
    prompt_chars: int


@dataclass(frozen=True, slots=True)
class ExtractionResult:
    """An extraction, the identity of its extractor, and the calls made for it.

    `warning` says if the extraction may be incomplete.
    """

    extraction: Extraction
    model: str
    calls: tuple[PaidCall, ...] = ()
    warning: str = ""


class ExtractionInterrupted(LLMError):
    """A later round of an extraction failed; `calls` succeeded before."""

    def __init__(self, cause: LLMError, calls: Sequence[PaidCall]) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.retryable = cause.retryable
        self.answered_ago = cause.answered_ago
        self.retry_after: float | None = getattr(cause, "retry_after", None)
        self.calls = tuple(calls)


class Extractor(Protocol):
    """Extracts entities and relations from chunks."""

    @property
    def identity(self) -> str:
        """Identity of the model, stored with every extraction."""

    @property
    def rounds(self) -> int:
        """Upper bound on the model calls per chunk; 0 without a model."""

    async def probe(self) -> None:
        """Send a small request, to find out whether the model answers at all."""

    def next_request(self, chunk: ChunkText, cached: CachedCalls) -> ChatRequest | None:
        """Return the first request for `chunk` that is not in `cached`, or None."""

    async def extract(self, chunk: ChunkText, cached: CachedCalls) -> ExtractionResult:
        """Return the extraction of `chunk`; calls in `cached` are not repeated.

        Raises the errors of `retrieval.llm.errors`. The `calls` of an
        `ExtractionInterrupted` must be passed in `cached` when it is retried.
        """
