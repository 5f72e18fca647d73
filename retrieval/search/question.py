"""The question as the search reads it: keywords, vectors, limits, words and names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Literal

from graph.extraction import entity_names
from retrieval.index import lexical, search_rows
from retrieval.llm.base import Embedder, Reranker
from retrieval.llm.errors import WrongDimensions
from retrieval.search.filters import NO_FILTERS, Filters
from retrieval.search.params import Limits, Mode

MAX_WORDS = 256
"""Upper bound on the distinct words of a question that are searched in the lexical index."""

MAX_WORD_CHARS = 4_000
"""Upper bound on the characters of a question in which words are searched. Splitting
the longest question takes 50 ms of the web process, splitting these takes 3 ms."""

MAX_NAME_WORDS = 6
MAX_NAME_CHARS = 8
"""Upper bound on the characters of a name in a script without spaces."""
MAX_NAMES = 400
MAX_NAMES_CHARS = 4_000
"""Upper bound on the characters of a question in which names are searched."""
MAX_SPAN_WORDS = 10
MIN_ASCII_NAME = 4


@dataclass(frozen=True, slots=True)
class Keywords:
    """Keywords of a question (docs/lightrag.md B.2).

    `high` are themes, matched with relations; `low` are names and things, matched with
    entities.
    """

    high: tuple[str, ...] = ()
    low: tuple[str, ...] = ()


VectorName = Literal["question", "low", "high"]


@dataclass(frozen=True, slots=True)
class Vectors:
    """pgvector literals of the question, its low-level and its high-level keywords."""

    question: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Question:
    """An analysed question. The search reads it without calling a model."""

    workspace_id: int
    model: str
    """The model that made the vectors (`Workspace.embedding_model`)."""
    dimensions: int
    text: str
    mode: Mode
    keywords: Keywords
    vectors: Vectors
    limits: Limits
    candidates: int
    """Number of chunks whose texts are read."""
    filters: Filters = NO_FILTERS
    rerank: bool = False
    """Whether reranking is enabled for the question."""
    reranker: Reranker | None = None
    """The model that reranks the chunks; None if disabled or not configured."""
    original: str = ""
    """The question as the user wrote it; `text` may be rewritten."""
    exact: bool = False
    """Whether the filters allow so few chunks that all of them are compared."""
    index_id: int = 0
    """The search index to read, set by `search_transaction.begin`."""

    @property
    def low(self) -> str:
        """The low-level keywords as one text, or the question if there are none."""
        return " ".join(self.keywords.low) or self.text

    def text_of(self, vector: VectorName) -> str:
        """Return the text of one of the vectors as words."""
        words = {"low": self.keywords.low, "high": self.keywords.high}
        return " ".join(words.get(vector, ())) or self.text


def texts_to_embed(text: str, keywords: Keywords) -> tuple[str, str, str]:
    """Return the texts of `Vectors` (docs/lightrag.md B.2)."""
    return text, ", ".join(keywords.low) or text, ", ".join(keywords.high) or text


async def embed(
    embedder: Embedder, texts: tuple[str, str, str], dimensions: int
) -> Vectors:
    """Embed the distinct texts in one call.

    Raises WrongDimensions if the vectors don't have the workspace's dimensions.
    """
    distinct = list(dict.fromkeys(texts))
    rows = await embedder.embed_queries(distinct)
    if rows.shape != (len(distinct), dimensions):
        raise WrongDimensions(
            f"The embedding model returned an array of shape {rows.shape} instead of "
            f"{(len(distinct), dimensions)}. Check EMBEDDING_DIM."
        )
    literals = dict(zip(distinct, map(search_rows.vector_text, rows), strict=True))
    return Vectors(*(literals[text] for text in texts))


def words(text: str) -> str:
    """Return the distinct words of `text` in the form of the lexical index."""
    return " ".join(islice(dict.fromkeys(split_words(text)), MAX_WORDS))


def split_words(text: str) -> Sequence[str]:
    """Return the words of the first MAX_WORD_CHARS characters, as in the lexical index."""
    return _split_words(text[:MAX_WORD_CHARS])


@lru_cache(maxsize=32)
def _split_words(text: str) -> tuple[str, ...]:
    return tuple(lexical.segment(text).split())


def possible_names(low: Iterable[str]) -> list[str]:
    """Return candidates for whole entity names: the keywords, then runs of their words."""
    parts = (
        entity_names.entity_name(part)
        for text in low
        for part in _parts(text[:MAX_NAMES_CHARS])
    )
    names: dict[str, None] = {}
    for name in filter(None, parts):
        names[name] = None
        if len(names) == MAX_NAMES:
            break
    return list(names)


def _parts(text: str) -> Iterator[str]:
    yield text
    words = text.split()
    for size in range(1, min(MAX_NAME_WORDS, len(words)) + 1):
        for start in range(len(words) - size + 1):
            yield " ".join(words[start : start + size]).strip(".,;:!?\"'()？。，、")
    for word in words:
        if not word.isascii():
            yield from _substrings(word)


def _substrings(word: str) -> Iterator[str]:
    for size in range(2, min(MAX_NAME_CHARS, len(word)) + 1):
        for start in range(len(word) - size + 1):
            yield word[start : start + size]


def spans(text: str) -> list[str]:
    """Return runs of words that may be names, in the form of the lexical index."""
    words = split_words(text)[:MAX_WORDS]
    runs = (
        " ".join(words[start:end])
        for start in range(len(words))
        for end in range(start + 1, min(start + MAX_SPAN_WORDS, len(words)) + 1)
    )
    return [
        run
        for run in dict.fromkeys(runs)
        if not run.isascii() or len(run) >= MIN_ASCII_NAME
    ]


def longest(names: Mapping[int, str]) -> frozenset[int]:
    """Return the ids of the names that are not part of a longer name in `names`."""
    padded = {f" {name} " for name in names.values()}
    return frozenset(
        id
        for id, name in names.items()
        if not any(f" {name} " in other for other in padded - {f" {name} "})
    )
