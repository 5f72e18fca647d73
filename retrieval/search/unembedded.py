"""Entities and relations without a vector, reached through the nearest chunks.

What only the linguistic extractor has found has no vector of its own
(`retrieval.index.search_rows`), because its description is a sentence of a chunk. It is
ranked by the cosine of the chunk and by the words that the sentence and the names share
with the question. A word counts by its rarity among the sentences.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from psycopg import sql

from retrieval.index import lexical, tables
from retrieval.index.tables import Kind
from retrieval.search import search_transaction
from retrieval.search.question import Question

NEAREST_CHUNKS = 6
"""Number of chunks whose entities and relations are read."""
NAMES_WEIGHT = 0.5
"""Weight of the words in names, relative to those in the sentence."""

READ = """
SELECT m.{id}, m.chunk_id, m.description, {names}
FROM {mentions} m
WHERE m.chunk_id = ANY(%(chunks)s) AND NOT EXISTS (
    SELECT FROM {search_rows} s WHERE s.{id} = m.{id} AND s.vector IS NOT NULL)
"""
NAMES: Mapping[Kind, sql.SQL] = {
    "entity": sql.SQL("m.mentioned_name"),
    "relation": sql.SQL("m.mentioned_source || ' ' || m.mentioned_target"),
}


@dataclass(frozen=True, slots=True)
class Mention:
    """A mention of an entity or relation that has no vector."""

    id: int
    chunk_id: int
    sentence: str
    names: str


def rank(
    question: Question, kind: Kind, text: str, chunks: Mapping[int, float]
) -> dict[int, float]:
    """Return the best `top_k` that the first of these chunks mention, best first.

    `chunks` holds the cosine of each chunk with `text`, the best first. One statement.
    """
    nearest = dict(list(chunks.items())[:NEAREST_CHUNKS])
    mentions = _read(question, kind, nearest)
    overlap = _overlap(text, {mention.sentence for mention in mentions})
    scores: dict[int, float] = {}
    for mention in mentions:
        score = (
            nearest[mention.chunk_id]
            + overlap(mention.sentence)
            + NAMES_WEIGHT * overlap(mention.names)
        )
        scores[mention.id] = max(score, scores.get(mention.id, score))
    order = sorted(scores, key=lambda id: (-scores[id], id))
    return {id: scores[id] for id in order[: question.limits.top_k]}


def _read(question: Question, kind: Kind, chunks: Iterable[int]) -> list[Mention]:
    statement = sql.SQL(READ).format(
        id=sql.Identifier(f"{kind}_id"),
        names=NAMES[kind],
        mentions=sql.Identifier(f"graph_{kind}mention"),
        search_rows=tables.rows(kind, question.index_id),
    )
    values = {"chunks": list(chunks)}
    return [Mention(*row) for row in search_transaction.fetch(statement, values)]


def _overlap(text: str, sentences: Iterable[str]) -> Callable[[str], float]:
    """Return a function: the share of the words of `text`, by weight, in another text."""
    words = _words(text)
    found_in = [_words(sentence) & words for sentence in sentences]
    counts = Counter(word for matched in found_in for word in matched)
    weights = {
        word: math.log((len(found_in) + 1) / (counts[word] + 0.5)) for word in words
    }
    total = sum(weights.values()) or 1.0
    return lambda other: sum(weights[word] for word in _words(other) & words) / total


def _words(text: str) -> frozenset[str]:
    return frozenset(lexical.segment(text).split())
