"""The legs of a search, and the one statement that a question's legs make.

Each leg is an ordered and limited part of the statement, so that it reads one index.
Legs name the workspace's own partitions and repeat the expression that the HNSW index is
made of (`graph/migrations/schema.sql`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Literal, LiteralString

from psycopg import sql

from retrieval.search import filters, sql_rows
from retrieval.search import question as questions
from retrieval.search.filters import Filters
from retrieval.search.question import Question

Kind = Literal["entity", "relation", "chunk"]

VECTORS = """
WITH asked AS MATERIALIZED (
    SELECT %(question)s::halfvec({dims}) AS question, %(low)s::halfvec({dims}) AS low,
        %(high)s::halfvec({dims}) AS high
)"""

# Where few passages are allowed the rows are not looked for in an index, which would
# find them last, but compared one by one: these are they.
ALLOWED = """, allowed_chunk AS MATERIALIZED (
    SELECT c.id FROM documents_document d JOIN documents_chunk c ON c.document_id = d.id
    WHERE d.workspace_id = %(workspace)s AND {documents}
), allowed_entity AS MATERIALIZED (
    SELECT DISTINCT entity_id AS id FROM graph_entitymention
    WHERE chunk_id IN (SELECT id FROM allowed_chunk)
), allowed_relation AS MATERIALIZED (
    SELECT DISTINCT relation_id AS id FROM graph_relationmention
    WHERE chunk_id IN (SELECT id FROM allowed_chunk)
)"""

# `OFFSET 0` keeps the index of the ordering out of it.
ONE_BY_ONE = """(
    SELECT s.* FROM {allowed} a JOIN {table} s ON s.{id} = a.id OFFSET 0)"""

NEAREST = """
(SELECT {leg} AS leg, {id} AS id, '' AS words,
    1 - (vector::halfvec({dims}) <=> (SELECT {vector} FROM asked)) AS cosine
FROM {rows} s WHERE {allowed}
ORDER BY vector::halfvec({dims}) <=> (SELECT {vector} FROM asked) LIMIT {limit})
"""

# The score itself is not asked for: it would be computed from each row's text again.
BM25 = """
(SELECT {leg} AS leg, {id} AS id, {shown} AS words, NULL::float8 AS cosine
FROM {rows} s WHERE {allowed}
ORDER BY lexical <@> to_bm25query({words}, {index}) LIMIT {limit})
"""

# The index brings nothing else; but where rows are few they are sorted without it, and
# then the limit takes in what shares no word. Cheaper than the score, made of the text.
SHARES_WORDS = "string_to_array(lexical, ' ') && string_to_array({words}, ' ')"

# Where pg_textsearch is missing.
TSVECTOR = """
(SELECT {leg} AS leg, {id} AS id, {shown} AS words, NULL::float8 AS cosine
FROM {rows} s
WHERE to_tsvector('simple', lexical) @@ to_tsquery('simple', {either}) AND {allowed}
ORDER BY ts_rank_cd(to_tsvector('simple', lexical), to_tsquery('simple', {either})) DESC
LIMIT {limit})
"""

NAMED = """
(SELECT {leg} AS leg, s.entity_id AS id, '' AS words, NULL::float8 AS cosine
FROM (
    SELECT id AS entity_id FROM graph_entity
    WHERE workspace_id = %(workspace)s AND name = ANY(%(names)s)
    UNION
    SELECT entity_id FROM graph_entityalias
    WHERE workspace_id = %(workspace)s AND name = ANY(%(names)s)
) s WHERE {allowed})
"""

# The whole name of an entity, word for word in the question.
SPOKEN_NAMES = """
(SELECT {leg} AS leg, {id} AS id, lexical AS words, NULL::float8 AS cosine
FROM {table} s WHERE lexical = ANY(%(spans)s) AND {allowed} LIMIT {limit})
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
    head = sql.SQL(VECTORS).format(dims=sql.Literal(question.dimensions))
    if question.exact:
        head += sql.SQL(ALLOWED).format(documents=filters.documents(question.filters))
    return head + sql.SQL("UNION ALL").join(
        _part(question, leg, bm25=bm25) for leg in legs
    )


def _part(question: Question, leg: Leg, *, bm25: bool) -> sql.Composed:
    table = f"search_{leg.kind}_{question.workspace_id}"
    words = sql.Placeholder(f"{leg.words}_words")
    index = sql.Literal(f"{table}_bm25")
    return sql.SQL(_template(leg, bm25=bm25)).format(
        leg=sql.Literal(leg.key),
        id=sql.Identifier(f"{leg.kind}_id"),
        table=sql.Identifier(table),
        rows=_rows(question, leg.kind, table),
        allowed=_allowed(question, leg, words, bm25=bm25),
        index=index,
        dims=sql.Literal(question.dimensions),
        vector=sql.Identifier(leg.vector),
        shown=sql.Identifier("lexical") if leg.kind == "entity" else sql.Literal(""),
        words=words,
        either=sql.Placeholder(f"{leg.words}_either"),
        limit=sql.Placeholder(limit_of(leg)),
    )


def limit_of(leg: Leg) -> Literal["chunk_top_k", "top_k"]:
    """Which of the question's limits bounds the leg's rows."""
    return "chunk_top_k" if leg.kind == "chunk" else "top_k"


def _rows(question: Question, kind: Kind, table: str) -> sql.Composable:
    """The workspace's search rows; the allowed ones alone, where these are few."""
    if not question.exact:
        return sql.Identifier(table)
    return sql.SQL(ONE_BY_ONE).format(
        allowed=sql.Identifier(f"allowed_{kind}"),
        table=sql.Identifier(table),
        id=sql.Identifier(f"{kind}_id"),
    )


def _allowed(
    question: Question, leg: Leg, words: sql.Placeholder, *, bm25: bool
) -> sql.Composable:
    by_name = leg.name in (NAME, SPOKEN)
    conditions = []
    if not question.exact or by_name:
        conditions.append(CONDITIONS[leg.kind](question.filters))
    if bm25 and leg.words and not by_name:
        conditions.append(sql.SQL(SHARES_WORDS).format(words=words))
    return sql.SQL(" AND ").join(conditions or [sql.SQL("TRUE")])


CONDITIONS: Mapping[Kind, Callable[[Filters], sql.Composable]] = {
    "entity": partial(filters.entity, id="s.entity_id"),
    "relation": partial(filters.relation, id="s.relation_id"),
    "chunk": partial(filters.chunk, id="s.chunk_id"),
}


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
    return bool(sql_rows.read("SELECT lightrag_has('pg_textsearch')", {})[0][0])


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
        **question.filters.values,
    }


def _either(words: str) -> str:
    """A tsquery of any of these words."""
    return " | ".join(f"'{word}'" for word in words.split())
