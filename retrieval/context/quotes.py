"""Find the sentences of chunks that share most words with a text."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from retrieval.context import sentences
from retrieval.index import lexical
from retrieval.search.evidence import FoundChunk

MAX_QUOTES = 5
MAX_SENTENCES = 3
"""Upper bound on the adjacent sentences of one quotation."""

MAX_QUOTE_CHARS = 600
MAX_CUT_WORD_CHARS = 30
"""Length up to which an incomplete last word is left out; some scripts have no spaces."""

MIN_PREFIX_CHARS = 4
"""Length from which a word also matches longer words that start with it."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Adjacent sentences of a chunk; `score` weighs the question's words in them."""

    text: str
    score: float
    chunk: FoundChunk


def best_quotes(query: str, chunks: Sequence[FoundChunk]) -> list[Quote]:
    """Return the best part of each chunk, best first, without duplicates.

    If no chunk shares a word with the question (it may be in another language), return
    the first sentences of the first chunks.
    """
    query_words = frozenset(lexical.segment(query).split())
    texts_of = [_sentences(chunk.content) for chunk in chunks]
    # For each sentence of each chunk, the question's words in it.
    matches = [
        [matching(query_words, _words(text)) for text in of_chunk]
        for of_chunk in texts_of
    ]
    weight = weights([words for of_chunk in matches for words in of_chunk])
    parts: dict[str, Quote] = {}
    for chunk, texts, of_chunk in zip(chunks, texts_of, matches, strict=True):
        if texts:
            scores = [sum(map(weight.__getitem__, words)) for words in of_chunk]
            part = _best_part(chunk, texts, scores)
            parts.setdefault(part.text, part)
    ranked = sorted(parts.values(), key=lambda quote: quote.score, reverse=True)
    relevant = [quote for quote in ranked if quote.score > ranked[0].score / 3]
    return relevant[:MAX_QUOTES] if relevant else ranked[:MAX_SENTENCES]


def _sentences(text: str) -> list[str]:
    """Split into sentences, without headings unless there is nothing else."""
    parts = sentences.split(text)
    return [part.text for part in parts if not part.is_heading] or [
        part.text for part in parts
    ]


def matching(query_words: frozenset[str], words: Sequence[str]) -> frozenset[str]:
    """Return the query words in `words`, also as a prefix ("fail": "failed")."""
    prefixes = {word for word in query_words if len(word) >= MIN_PREFIX_CHARS}
    return query_words.intersection(words) | {
        word for word in prefixes if any(other.startswith(word) for other in words)
    }


def _words(sentence: str) -> list[str]:
    return lexical.segment(sentence).split()


def weights(
    matches: Sequence[frozenset[str]], words: Iterable[str] = ()
) -> dict[str, float]:
    """Return the inverse document frequency of each word in `matches` and `words`."""
    counts = Counter(word for matched in matches for word in matched)
    every = {*counts, *words}
    return {word: math.log(1 + len(matches) / max(counts[word], 1)) for word in every}


def _best_part(chunk: FoundChunk, texts: list[str], scores: list[float]) -> Quote:
    """Return the best sentence, with the next ones that also match the question."""
    best = max(range(len(texts)), key=scores.__getitem__)
    end = best + 1
    while end - best < MAX_SENTENCES and end < len(texts) and scores[end]:
        end += 1
    return Quote(truncate(" ".join(texts[best:end])), scores[best], chunk)


def truncate(text: str, limit: int = MAX_QUOTE_CHARS) -> str:
    """Return the text without line breaks, cut at a space near `limit` characters."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    whole_words, _, cut_word = text[: limit + 1].rpartition(" ")
    shortened = whole_words if len(cut_word) <= MAX_CUT_WORD_CHARS else text[:limit]
    return shortened.rstrip() + "…"
