"""A question made ready for the search: its words, and its vectors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from graph.extraction import entity_names
from retrieval.index import lexical, search_rows
from retrieval.llm.base import Embedder
from retrieval.llm.errors import WrongDimensions
from retrieval.query.keywords import Keywords
from retrieval.search.filters import NO_FILTERS, Filters
from retrieval.search.params import Limits, Mode

MAX_WORDS = 256
"""Distinct words of a question that the lexical index is asked for."""

MAX_NAME_WORDS = 6
MAX_NAME_CHARS = 8
MAX_NAMES = 400
MAX_SPAN_WORDS = 10
MIN_ASCII_NAME = 4


@dataclass(frozen=True, slots=True)
class Vectors:
    """pgvector literals of the question, its low- and its high-level keywords."""

    question: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Question:
    """What the search reads; nothing in it needs a model any more."""

    workspace_id: int
    model: str
    """Whose its vectors are (`Workspace.embedding_model`)."""
    dimensions: int
    text: str
    mode: Mode
    keywords: Keywords
    vectors: Vectors
    limits: Limits
    candidates: int
    """Passages whose texts are read."""
    filters: Filters = NO_FILTERS
    exact: bool = False
    """Whether so few passages are allowed that all of them are compared."""

    @property
    def low(self) -> str:
        """The low-level keywords as one text; the question itself where there are none."""
        return " ".join(self.keywords.low) or self.text


def phrases(text: str, keywords: Keywords) -> tuple[str, str, str]:
    """What is embedded: question, low-level and high-level keywords (docs/lightrag.md B.2)."""
    return text, ", ".join(keywords.low) or text, ", ".join(keywords.high) or text


async def embed(
    embedder: Embedder, texts: tuple[str, str, str], dimensions: int
) -> Vectors:
    """Each different text is embedded once, all in one call.

    Raises WrongDimensions when the vectors are not of the workspace's length.
    """
    distinct = list(dict.fromkeys(texts))
    rows = await embedder.embed_queries(distinct)
    if rows.shape != (len(distinct), dimensions):
        raise WrongDimensions(
            f"The embedding model gave vectors of shape {rows.shape}, the workspace "
            f"needs {(len(distinct), dimensions)}: see EMBEDDING_DIM."
        )
    literals = dict(zip(distinct, map(search_rows.vector_text, rows), strict=True))
    return Vectors(*(literals[text] for text in texts))


def words(text: str) -> str:
    """The question's distinct words as the lexical index knows them."""
    return " ".join(islice(dict.fromkeys(lexical.segment(text).split()), MAX_WORDS))


def possible_names(low: Iterable[str]) -> list[str]:
    """What in the keywords may be an entity's whole name: keywords, then short parts."""
    parts = (entity_names.entity_name(part) for text in low for part in _parts(text))
    found: dict[str, None] = {}
    for name in filter(None, parts):
        found[name] = None
        if len(found) == MAX_NAMES:
            break
    return list(found)


def _parts(text: str) -> Iterator[str]:
    yield text
    spoken = text.split()
    for size in range(1, min(MAX_NAME_WORDS, len(spoken)) + 1):
        for start in range(len(spoken) - size + 1):
            yield " ".join(spoken[start : start + size]).strip(".,;:!?\"'()？。，、")
    for run in spoken:
        if not run.isascii():
            yield from _substrings(run)


def _substrings(run: str) -> Iterator[str]:
    for size in range(2, min(MAX_NAME_CHARS, len(run)) + 1):
        for start in range(len(run) - size + 1):
            yield run[start : start + size]


def spans(text: str) -> list[str]:
    """Runs of the question's words, as the lexical index knows them, that may be names."""
    spoken = lexical.segment(text).split()[:MAX_WORDS]
    found = (
        " ".join(spoken[start:end])
        for start in range(len(spoken))
        for end in range(start + 1, min(start + MAX_SPAN_WORDS, len(spoken)) + 1)
    )
    return [
        run
        for run in dict.fromkeys(found)
        if not run.isascii() or len(run) >= MIN_ASCII_NAME
    ]


def longest(names: Mapping[int, str]) -> frozenset[int]:
    """The ids of those names that stand in no longer one of them."""
    padded = {f" {name} " for name in names.values()}
    return frozenset(
        id
        for id, name in names.items()
        if not any(f" {name} " in other for other in padded - {f" {name} "})
    )
