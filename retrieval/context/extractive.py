"""Answer without a language model: quote the sentences that are nearest to the question.

The sentences of the first chunks are ranked by meaning (cosine), by the question's words
and by the rank of their chunk. Measured in docs/benchmarks/answers.md.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.context import citations, quotes, sentences
from retrieval.index import lexical
from retrieval.llm.base import Embedder
from retrieval.llm.errors import LLMError
from retrieval.search.evidence import FoundChunk
from retrieval.search.stop_words import STOP_WORDS

logger = logging.getLogger(__name__)

MAX_CHUNKS = 5
"""Number of first chunks whose sentences are ranked: later ones seldom hold the answer."""

MAX_EMBEDDED_CHARS = 4000
"""Upper bound on the characters of the sentences that are embedded for one question."""

MAX_CHARS = 1700
"""Upper bound on the characters of all quotations."""

RANK_POWER = 0.25
LEXICAL_WEIGHT = 0.3
MIN_SHARE = 0.25
"""Share of the best sentence's score from which other sentences are quoted."""

MIN_SHARE_IF_ANSWERED = 0.85
"""The same, if one sentence has nearly all words of the question."""

ANSWERED_SHARE = 0.9
MAX_SENTENCES = 3
"""Upper bound on the sentences that are quoted of one chunk."""

MIN_WORDS = 4
"""Shorter sentences are labels or titles."""

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a chunk; `position` counts the sentences of the chunk from 0."""

    text: str
    chunk: FoundChunk
    rank: int
    position: int


async def answer(
    question: str, chunks: Sequence[FoundChunk], embedder: Embedder | None
) -> str:
    """Return Markdown: quotations with citation marks, best first.

    Without an embedder, or if it fails, sentences are ranked by words alone.
    """
    candidates = _candidates(chunks[:MAX_CHUNKS])
    words = _word_scores(question, candidates)
    kept = _within_chars(candidates, words)
    candidates, words = [candidates[i] for i in kept], words[kept]
    meaning = await _cosines(question, candidates, embedder)
    scores = (_relative(meaning) + LEXICAL_WEIGHT * words) * _rank_factors(candidates)
    return "\n\n".join(_quotations(candidates, scores, words.max(initial=0.0)))


def _candidates(chunks: Sequence[FoundChunk]) -> list[Candidate]:
    """Return the sentences of the chunks without duplicates.

    Titles, questions and tables of contents are left out unless there is nothing else.
    """
    every = {
        sentence.text: Candidate(sentence.text, chunk, rank, position)
        for rank, chunk in reversed(list(enumerate(chunks)))
        for position, sentence in enumerate(sentences.split(chunk.content))
        if not sentence.is_heading
    }
    candidates = sorted(every.values(), key=lambda item: (item.rank, item.position))
    statements = [item for item in candidates if _is_statement(item.text)]
    return statements or candidates


def _is_statement(text: str) -> bool:
    words = lexical.segment(text).split()
    return (
        len(words) >= MIN_WORDS
        and not text.rstrip("”\"'’」』").endswith(("?", "？"))
        and not sentences.is_table_of_contents(text)
    )


def _word_scores(question: str, candidates: Sequence[Candidate]) -> Scores:
    """Return the share of the question's words in each sentence, weighted by rarity."""
    every = dict.fromkeys(lexical.segment(question).split())
    wanted = frozenset(word for word in every if word not in STOP_WORDS)
    matches = [
        quotes.matching(wanted, lexical.segment(item.text).split())
        for item in candidates
    ]
    weights = quotes.weights(matches, wanted)
    total = sum(weights.values()) or 1.0
    return np.array([sum(map(weights.__getitem__, found)) / total for found in matches])


def _within_chars(candidates: Sequence[Candidate], words: Scores) -> list[int]:
    """Return the indexes of the sentences to embed, by words and position."""
    order = sorted(
        range(len(candidates)),
        key=lambda i: (-words[i], candidates[i].rank + candidates[i].position),
    )
    kept: list[int] = []
    chars = 0
    for index in order:
        chars += len(candidates[index].text)
        if kept and chars > MAX_EMBEDDED_CHARS:
            break
        kept.append(index)
    return sorted(kept)


async def _cosines(
    question: str, candidates: Sequence[Candidate], embedder: Embedder | None
) -> Scores:
    if embedder is None or not candidates:
        return np.zeros(len(candidates))
    try:
        query = await embedder.embed_queries([question])
        rows = await embedder.embed_documents([item.text for item in candidates])
    except LLMError as error:
        logger.warning("The sentences are ranked by words alone: %s", error)
        return np.zeros(len(candidates))
    cosines: Scores = (rows @ query[0]).astype(np.float64)
    return cosines


def _relative(scores: Scores) -> Scores:
    """Scale to 0 … 1: models differ in the range of their cosines."""
    if not len(scores) or scores.max() == scores.min():
        return np.zeros(len(scores))
    result: Scores = (scores - scores.min()) / (scores.max() - scores.min())
    return result


def _rank_factors(candidates: Sequence[Candidate]) -> Scores:
    return np.array([(item.rank + 1.0) ** -RANK_POWER for item in candidates])


def _quotations(
    candidates: Sequence[Candidate], scores: Scores, best_word_score: float
) -> list[str]:
    """Return one quotation for each chunk that has sentences near the best."""
    answered = best_word_score >= ANSWERED_SHARE
    share = MIN_SHARE_IF_ANSWERED if answered else MIN_SHARE
    chosen: dict[str, list[Candidate]] = {}
    chars = 0
    for index in np.argsort(-scores, kind="stable"):
        candidate = candidates[index]
        group = chosen.setdefault(candidate.chunk.chunk_id, [])
        if len(group) == MAX_SENTENCES:
            continue
        chars += len(quotes.truncate(candidate.text))
        if chars > MAX_CHARS or scores[index] < share * scores.max():
            break
        group.append(candidate)
    return [_markdown(group) for group in chosen.values() if group]


def _markdown(group: Sequence[Candidate]) -> str:
    """Return the sentences of one chunk, in their order, with the citation mark."""
    chunk = group[0].chunk
    pages = "–".join(map(str, chunk.pages))
    origin = f"{chunk.file_path}, p. {pages}" if pages else chunk.file_path
    return f"> {_join(group)} [{chunk.reference_id}]\n>\n> — {origin}"


def _join(group: Sequence[Candidate]) -> str:
    text, previous = "", -2
    for item in sorted(group, key=lambda item: item.position):
        separator = " " if item.position == previous + 1 else " … "
        # A number in brackets in the document would be read as a citation.
        sentence = quotes.truncate(citations.without_marks(item.text)).lstrip("|>-*# ")
        text += (separator if text else "") + sentence
        previous = item.position
    return text
