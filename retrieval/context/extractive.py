"""Answer without a language model: quote the sentences that are nearest to the question.

The sentences of the first chunks are ranked by meaning (cosine), by the question's words,
by the rank of their chunk and by the names that they share with the best sentence. The
answer to a question in two steps ("Who is the spouse of the director of X?") is in a
chunk that contains the director's name, but no words of the question. Measured in
docs/benchmarks/answers.md.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.context import citations, quotes, sentences, shared_names
from retrieval.context.shared_names import Names
from retrieval.index import lexical
from retrieval.llm.base import Embedder
from retrieval.llm.errors import LLMError
from retrieval.search.evidence import FoundChunk
from retrieval.search.stop_words import STOP_WORDS

logger = logging.getLogger(__name__)

MAX_CHUNKS = 5
"""Number of first chunks whose sentences are ranked: later ones seldom hold the answer."""

MAX_CHUNKS_WITH_NAMES = 8
"""The same, if there are names, which lead to the answer."""

MAX_EMBEDDED_CHARS = 3000
"""Upper bound on the characters of the sentences that are embedded for one question."""

MAX_CHARS = 1700
"""Upper bound on the characters of all quotations."""

MAX_QUOTATIONS = 4
MAX_SENTENCES = 4
"""Upper bound on the sentences that are quoted of one chunk."""

RANK_POWER = 0.25
LEXICAL_WEIGHT = 0.3
SHARED_NAME_WEIGHT = 1.0
BESIDE_WEIGHT = 0.3
"""Weight of the question's words in the sentence before, which may have the subject. In
short chunks it gains nothing."""

LONG_CHUNK_CHARS = 2_000
MIN_SHARE = 0.3
"""Share of the best sentence's score from which other sentences are quoted."""

MIN_SHARE_IF_ANSWERED = 0.85
"""The same, if one sentence has nearly all words of the question."""

ANSWERED_SHARE = 0.9
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
    question: str,
    chunks: Sequence[FoundChunk],
    embedder: Embedder | None,
    entities: Sequence[str] = (),
) -> str:
    """Return Markdown: quotations with citation marks, best first.

    `entities` are the names of the entities that the search found; without any, they are
    read from the chunks. Without an embedder, or if it fails, sentences are ranked by
    words alone.
    """
    first = chunks[:MAX_CHUNKS_WITH_NAMES]
    if len({chunk.document_id for chunk in first}) == 1:
        entities = ()  # names lead to other documents
    else:
        entities = entities or shared_names.capitalised(
            [chunk.content for chunk in first]
        )
    candidates = _candidates(first if entities else chunks[:MAX_CHUNKS])
    words = _word_scores(question, candidates)
    answered = words.max(initial=0.0) >= ANSWERED_SHARE
    words = _with_sentence_before(candidates, words)
    names = shared_names.beside(
        question,
        [item.text for item in candidates],
        [item.rank for item in candidates],
        () if answered else entities,
    )
    selected = _within_chars(candidates, _scores(candidates, words, names))
    candidates, words = [candidates[i] for i in selected], words[selected]
    names = [names[i] for i in selected]
    meaning = _relative(await _cosines(question, candidates, embedder))
    scores = _scores(candidates, meaning + LEXICAL_WEIGHT * words, names)
    share = MIN_SHARE_IF_ANSWERED if answered else MIN_SHARE
    return "\n\n".join(_quotations(candidates, scores, share * scores.max(initial=0.0)))


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
        and not sentences.is_list_of_titles(text)
    )


def _word_scores(question: str, candidates: Sequence[Candidate]) -> Scores:
    """Return the share of the question's words in each sentence, weighted by rarity."""
    every = dict.fromkeys(lexical.segment(question).split())
    content_words = frozenset(word for word in every if word not in STOP_WORDS)
    matches = [
        quotes.matching(content_words, lexical.segment(item.text).split())
        for item in candidates
    ]
    weights = quotes.weights(matches, content_words)
    total = sum(weights.values()) or 1.0
    return np.array(
        [sum(map(weights.__getitem__, matched)) / total for matched in matches]
    )


def _with_sentence_before(candidates: Sequence[Candidate], words: Scores) -> Scores:
    """Add a part of the score of the sentence before to the sentences of long chunks."""
    before = np.roll(words, 1)
    follows = [_continues(candidates, index) for index in range(len(candidates))]
    scores: Scores = words + BESIDE_WEIGHT * before * np.array(follows, np.float64)
    return scores


def _continues(candidates: Sequence[Candidate], index: int) -> bool:
    """Return True if the sentence of a long chunk follows the candidate before it."""
    own, before = candidates[index], candidates[index - 1]
    return (
        len(own.chunk.content) > LONG_CHUNK_CHARS
        and own.rank == before.rank
        and own.position == before.position + 1
    )


def _scores(
    candidates: Sequence[Candidate], word_scores: Scores, names: Names
) -> Scores:
    """Return `word_scores`, raised by names shared with the best sentence, lowered by rank.

    The chunks of one document share many names.
    """
    if not candidates:
        return word_scores
    ranks = [item.rank for item in candidates]
    factors = np.array([(rank + 1.0) ** -RANK_POWER for rank in ranks])
    best = int(np.argmax(word_scores * factors))
    document = candidates[best].chunk.document_id
    in_others = [item.chunk.document_id != document for item in candidates]
    rarity = np.array(shared_names.rarity(names, ranks, best)) * in_others
    scores: Scores = (word_scores + SHARED_NAME_WEIGHT * rarity) * factors
    return scores


def _within_chars(candidates: Sequence[Candidate], scores: Scores) -> list[int]:
    """Return the indexes of the sentences to embed, those with the best scores."""
    selected: list[int] = []
    chars = 0
    for index in map(int, np.argsort(-scores, kind="stable")):
        chars += len(candidates[index].text)
        if selected and chars > MAX_EMBEDDED_CHARS:
            break
        selected.append(index)
    return sorted(selected)


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


def _quotations(
    candidates: Sequence[Candidate], scores: Scores, least: float
) -> list[str]:
    """Return one quotation for each chunk that has sentences with at least this score."""
    chosen: dict[str, list[Candidate]] = {}
    chars = 0
    for index in np.argsort(-scores, kind="stable"):
        candidate = candidates[index]
        group = chosen.get(candidate.chunk.chunk_id, [])
        is_full = len(chosen) == MAX_QUOTATIONS and not group
        if is_full or len(group) == MAX_SENTENCES:
            continue
        chars += len(quotes.truncate(candidate.text))
        if chars > MAX_CHARS or scores[index] < least:
            break
        chosen[candidate.chunk.chunk_id] = [*group, candidate]
    return [_markdown(group) for group in chosen.values()]


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
