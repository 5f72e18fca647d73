"""The legs of a search, and the one statement that a question's legs make.

Each leg is an ordered and limited part of the statement, so that it reads one index.
Legs name the workspace's own partitions and repeat the expression that the HNSW index is
made of (`graph/sql/workspace.sql`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, LiteralString

from psycopg import sql

from retrieval import question as questions
from retrieval import rows
from retrieval.question import Question

Kind = Literal["entity", "relation", "chunk"]

VECTORS = """
WITH asked AS MATERIALIZED (
    SELECT %(question)s::halfvec({dims}) AS question, %(low)s::halfvec({dims}) AS low,
        %(high)s::halfvec({dims}) AS high
)
"""

NEAREST = """
(SELECT {leg} AS leg, {id} AS id, '' AS words,
    1 - (vector::halfvec({dims}) <=> (SELECT {vector} FROM asked)) AS cosine
FROM {table}
ORDER BY vector::halfvec({dims}) <=> (SELECT {vector} FROM asked) LIMIT {limit})
"""

# The score itself is not asked for: it would be computed from each row's text again.
BM25 = """
(SELECT {leg} AS leg, {id} AS id, {shown} AS words, NULL::float8 AS cosine
FROM {table}
ORDER BY lexical <@> to_bm25query({words}, {index}) LIMIT {limit})
"""

# Where pg_textsearch is missing.
TSVECTOR = """
(SELECT {leg} AS leg, {id} AS id, {shown} AS words, NULL::float8 AS cosine
FROM {table} WHERE to_tsvector('simple', lexical) @@ to_tsquery('simple', {either})
ORDER BY ts_rank_cd(to_tsvector('simple', lexical), to_tsquery('simple', {either})) DESC
LIMIT {limit})
"""

NAMED = """
(SELECT {leg} AS leg, id, '' AS words, NULL::float8 AS cosine
FROM graph_entity WHERE workspace_id = %(workspace)s AND name = ANY(%(names)s)
UNION
SELECT {leg} AS leg, entity_id, '' AS words, NULL::float8 AS cosine
FROM graph_entityalias WHERE workspace_id = %(workspace)s AND name = ANY(%(names)s))
"""

# The whole name of an entity, word for word in the question.
SPOKEN_NAMES = """
(SELECT {leg} AS leg, {id} AS id, lexical AS words, NULL::float8 AS cosine
FROM {table} WHERE lexical = ANY(%(spans)s) LIMIT {limit})
"""

NAME = "name"
"""The leg of entities whose whole name, or an alias of theirs, is asked for."""

SPOKEN = "spoken"
"""The leg of entities whose names' words stand together in the question."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One way to look: in the rows of `kind`, by a vector of the question or by words."""

    kind: Kind
    name: str
    vector: Literal["question", "low", "high", ""] = ""
    words: Literal["question", "low", ""] = ""

    @property
    def key(self) -> str:
        """Unique among the legs of a statement."""
        return f"{self.kind} {self.name}"


ENTITIES = (
    Leg("entity", "vector", vector="low"),
    Leg("entity", "lexical", words="low"),
    Leg("entity", NAME),
)
FACTS = (
    Leg("relation", "vector", vector="high"),
    Leg("relation", "question", vector="question"),
)
PASSAGES = (Leg("chunk", "vector", vector="question"),)
WORDS = (Leg("chunk", "lexical", words="question"),)
NAMES = (Leg("entity", SPOKEN, words="question"),)


def distinct(question: Question, legs: Sequence[Leg]) -> list[Leg]:
    """`legs` without those that would ask the same: keywords may be the question."""
    kept: dict[tuple[Kind, str], Leg] = {}
    for leg in legs:
        asks = getattr(question.vectors, leg.vector) if leg.vector else leg.name
        kept.setdefault((leg.kind, asks), leg)
    return list(kept.values())


def statement(question: Question, legs: Sequence[Leg], *, bm25: bool) -> sql.Composed:
    """Rows of (leg's key, id, an entity's own words, cosine or NULL), leg by leg.

    Without `bm25` words are looked for by tsvector.
    """
    vectors = sql.SQL(VECTORS).format(dims=sql.Literal(question.dimensions))
    return vectors + sql.SQL("UNION ALL").join(
        _part(question, leg, bm25=bm25) for leg in legs
    )


def _part(question: Question, leg: Leg, *, bm25: bool) -> sql.Composed:
    table = f"search_{leg.kind}_{question.workspace_id}"
    return sql.SQL(_template(leg, bm25=bm25)).format(
        leg=sql.Literal(leg.key),
        id=sql.Identifier(f"{leg.kind}_id"),
        table=sql.Identifier(table),
        index=sql.Literal(f"{table}_bm25"),
        dims=sql.Literal(question.dimensions),
        vector=sql.Identifier(leg.vector),
        shown=sql.Identifier("lexical") if leg.kind == "entity" else sql.Literal(""),
        words=sql.Placeholder(f"{leg.words}_words"),
        either=sql.Placeholder(f"{leg.words}_either"),
        limit=sql.Placeholder("chunk_top_k" if leg.kind == "chunk" else "top_k"),
    )


def _template(leg: Leg, *, bm25: bool) -> LiteralString:
    if leg.name == NAME:
        return NAMED
    if leg.name == SPOKEN:
        return SPOKEN_NAMES
    if leg.vector:
        return NEAREST
    return BM25 if bm25 else TSVECTOR


@cache
def has_bm25() -> bool:
    """Whether this database has pg_textsearch; asked once in a process."""
    return bool(rows.read("SELECT lightrag_has('pg_textsearch')", {})[0][0])


def values(question: Question) -> dict[str, Any]:
    """What the statement's placeholders stand for."""
    words = questions.words(question.text)
    low_words = questions.words(question.low)
    return {
        "workspace": question.workspace_id,
        "question": question.vectors.question,
        "low": question.vectors.low,
        "high": question.vectors.high,
        "question_words": words,
        "low_words": low_words,
        "question_either": _either(words),
        "low_either": _either(low_words),
        "names": questions.possible_names(question.keywords.low or (question.text,)),
        "spans": questions.spans(question.text),
        "top_k": question.limits.top_k,
        "chunk_top_k": question.limits.chunk_top_k,
    }


def _either(words: str) -> str:
    """A tsquery of any of these words."""
    return " | ".join(f"'{word}'" for word in words.split())
