"""Retrievers: the ways to search, and the one SQL statement that runs them all.

Each retriever is an ordered and limited part of the statement, so that it scans one
index. For a search index with tables of its own, it names the partition and repeats the
expression of its HNSW index (`graph/migrations/schema.sql`). All rows of an index in the
shared tables are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any, Literal, LiteralString

from psycopg import sql

from retrieval.index import tables
from retrieval.index.tables import Kind
from retrieval.search import filters, search_transaction
from retrieval.search import question as questions
from retrieval.search.filters import Filters
from retrieval.search.question import Question, VectorName

VECTORS = """
WITH query AS MATERIALIZED (
    SELECT %(question)s::halfvec({dims}) AS question, %(low)s::halfvec({dims}) AS low,
        %(high)s::halfvec({dims}) AS high
)"""

# If the filters allow few chunks, an index scan would find them last. Then the allowed
# rows are listed first and compared without an index.
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

# `OFFSET 0` keeps the planner from using the index of the ordering.
ALLOWED_ROWS = """(
    SELECT s.* FROM {allowed} a JOIN {table} s ON s.{id} = a.id OFFSET 0)"""

NEAREST = """
(SELECT {retriever} AS retriever, {id} AS id, '' AS words,
    1 - (vector::halfvec({dims}) <=> (SELECT {vector} FROM query)) AS cosine
FROM {rows} s WHERE {allowed}
ORDER BY vector::halfvec({dims}) <=> (SELECT {vector} FROM query) LIMIT {limit})
"""

# The score itself is not selected: it would be computed again from each row's text.
BM25 = """
(SELECT {retriever} AS retriever, {id} AS id, {shown} AS words, NULL::float8 AS cosine
FROM {rows} s WHERE {allowed}
ORDER BY lexical <@> to_bm25query({words}, {index}) LIMIT {limit})
"""

# An index scan returns only rows that share a word. Small tables are sorted without the
# index, and then rows that share no word would fill the limit. This condition is cheaper
# than one on the score.
SHARES_WORDS = "string_to_array(lexical, ' ') && string_to_array({words}, ' ')"

# Used if pg_textsearch is not installed.
TSVECTOR = """
(SELECT {retriever} AS retriever, {id} AS id, {shown} AS words, NULL::float8 AS cosine
FROM {rows} s
WHERE to_tsvector('simple', lexical) @@ to_tsquery('simple', {any_word}) AND {allowed}
ORDER BY ts_rank_cd(to_tsvector('simple', lexical), to_tsquery('simple', {any_word})) DESC
LIMIT {limit})
"""

# For an index in the shared tables, with or without pg_textsearch.
SHARED_WORDS = """
(SELECT {retriever} AS retriever, {id} AS id, {shown} AS words, NULL::float8 AS cosine
FROM {rank}(%(index)s, {words}) s WHERE {allowed} ORDER BY score DESC, {id} LIMIT {limit})
"""

LEXICAL_OF_ENTITY = "(SELECT lexical FROM {table} e WHERE e.entity_id = s.entity_id)"

IS_ALLOWED = "{id} = ANY (ARRAY(SELECT id FROM {allowed}))"

NAMED = """
(SELECT {retriever} AS retriever, s.entity_id AS id, '' AS words, NULL::float8 AS cosine
FROM (
    SELECT id AS entity_id FROM graph_entity
    WHERE workspace_id = %(workspace)s AND name = ANY(%(names)s)
    UNION
    SELECT entity_id FROM graph_entityalias
    WHERE workspace_id = %(workspace)s AND name = ANY(%(names)s)
) s WHERE {allowed})
"""

# The whole name of an entity occurs in the question, word for word.
IN_QUESTION = """
(SELECT {retriever} AS retriever, {id} AS id, lexical AS words, NULL::float8 AS cosine
FROM {table} s WHERE lexical = ANY(%(spans)s) AND {allowed} LIMIT {limit})
"""

NAME = "name"
"""Retriever of entities whose name or alias is a keyword."""

NAME_IN_QUESTION = "name in question"
"""Retriever of entities whose whole name occurs in the question."""

MENTION = "mention"
"""Retriever of what the nearest chunks mention (`retrieval.search.unembedded`)."""


@dataclass(frozen=True, slots=True)
class Retriever:
    """One way to search rows of `kind`: by a vector of the question, or by its words."""

    kind: Kind
    name: str
    vector: VectorName | Literal[""] = ""
    words: Literal["question", "low", ""] = ""

    @property
    def key(self) -> str:
        """Unique among the retrievers of a statement."""
        return f"{self.kind} {self.name}"


ENTITIES = (
    Retriever("entity", "vector", vector="low"),
    Retriever("entity", "lexical", words="low"),
    Retriever("entity", NAME),
)
RELATIONS = (
    Retriever("relation", "vector", vector="high"),
    Retriever("relation", "question", vector="question"),
)
MENTIONED = (Retriever("entity", MENTION), Retriever("relation", MENTION))
CHUNKS = (Retriever("chunk", "vector", vector="question"),)
CHUNKS_BY_WORDS = (Retriever("chunk", "lexical", words="question"),)
ENTITIES_IN_QUESTION = (Retriever("entity", NAME_IN_QUESTION, words="question"),)
ALL = (
    *ENTITIES,
    *RELATIONS,
    *CHUNKS,
    *CHUNKS_BY_WORDS,
    *ENTITIES_IN_QUESTION,
)


def distinct(question: Question, using: Sequence[Retriever]) -> list[Retriever]:
    """Return the retrievers without duplicates: keywords may equal the question."""
    unique: dict[tuple[Kind, str], Retriever] = {}
    for retriever in using:
        searched = (
            getattr(question.vectors, retriever.vector)
            if retriever.vector
            else retriever.name
        )
        unique.setdefault((retriever.kind, searched), retriever)
    return list(unique.values())


@dataclass(frozen=True, slots=True)
class Target:
    """What the text of a statement depends on, besides its retrievers."""

    index_id: int
    dimensions: int
    filters: Filters
    exact: bool


def statement(question: Question, using: Sequence[Retriever], *, bm25: bool) -> str:
    """Return the statement; its rows are (retriever's key, id, name's words, cosine).

    The cosine is NULL for retrievers without a vector. Without `bm25`, words are searched
    by tsvector.
    """
    target = Target(
        question.index_id, question.dimensions, question.filters, question.exact
    )
    return _statement(target, tuple(using), bm25=bm25)


# Composing the text takes longer than executing some of the statements.
@lru_cache(maxsize=256)
def _statement(target: Target, using: tuple[Retriever, ...], *, bm25: bool) -> str:
    head = sql.SQL(VECTORS).format(dims=sql.Literal(target.dimensions))
    if target.exact:
        head += sql.SQL(ALLOWED).format(documents=filters.documents(target.filters))
    parts = (_part(target, retriever, bm25=bm25) for retriever in using)
    return (head + sql.SQL("UNION ALL").join(parts)).as_string()


def _part(target: Target, retriever: Retriever, *, bm25: bool) -> sql.Composed:
    kind = retriever.kind
    table = tables.rows(kind, target.index_id)
    words = sql.Placeholder(f"{retriever.words}_words")
    shared = tables.is_shared(target.index_id)
    return sql.SQL(_template(retriever, bm25=bm25, shared=shared)).format(
        retriever=sql.Literal(retriever.key),
        id=sql.Identifier(f"{kind}_id"),
        table=table,
        rank=sql.Identifier(RANK[kind]),
        rows=_rows(target, kind, table),
        allowed=_allowed(target, retriever, words, bm25=bm25),
        index=sql.Literal(f"{tables.table(kind, target.index_id)}_bm25"),
        dims=sql.Literal(target.dimensions),
        vector=sql.Identifier(retriever.vector),
        shown=_shown(retriever, table, shared=shared),
        words=words,
        any_word=sql.Placeholder(f"{retriever.words}_any_word"),
        limit=sql.Placeholder(limit_name(retriever)),
    )


def limit_name(retriever: Retriever) -> Literal["chunk_top_k", "top_k"]:
    """Return the name of the limit on the retriever's rows."""
    return "chunk_top_k" if retriever.kind == "chunk" else "top_k"


def _shown(
    retriever: Retriever, table: sql.Composable, *, shared: bool
) -> sql.Composable:
    """Return the words of an entity's name; empty for other kinds."""
    if retriever.kind != "entity":
        return sql.Literal("")
    return (
        sql.SQL(LEXICAL_OF_ENTITY).format(table=table)
        if shared
        else sql.Identifier("lexical")
    )


def _rows(target: Target, kind: Kind, table: sql.Composable) -> sql.Composable:
    """Return the rows of the search index, or a subquery of those allowed."""
    if not target.exact:
        return table
    return sql.SQL(ALLOWED_ROWS).format(
        allowed=sql.Identifier(f"allowed_{kind}"),
        table=table,
        id=sql.Identifier(f"{kind}_id"),
    )


def _allowed(
    target: Target, retriever: Retriever, words: sql.Placeholder, *, bm25: bool
) -> sql.Composable:
    by_name = retriever.name in (NAME, NAME_IN_QUESTION)
    conditions = []
    if not target.exact or by_name:
        conditions.append(CONDITIONS[retriever.kind](target.filters))
    if tables.is_shared(target.index_id):
        conditions += _is_in_shared(target, retriever)
    elif bm25 and retriever.words and not by_name:
        conditions.append(sql.SQL(SHARES_WORDS).format(words=words))
    return sql.SQL(" AND ").join(conditions or [sql.SQL("TRUE")])


def _is_in_shared(target: Target, retriever: Retriever) -> list[sql.Composable]:
    """Return the condition on ids, where `rows` isn't part of the retriever."""
    if not target.exact or not retriever.words or retriever.name == NAME_IN_QUESTION:
        return []
    kind = retriever.kind
    id, allowed = sql.Identifier(f"{kind}_id"), sql.Identifier(f"allowed_{kind}")
    return [sql.SQL(IS_ALLOWED).format(id=id, allowed=allowed)]


RANK: Mapping[Kind, str] = {
    "chunk": "lightrag_rank_chunks",
    "entity": "lightrag_rank_entities",
    "relation": "",  # relations are not searched by words
}

CONDITIONS: Mapping[Kind, Callable[[Filters], sql.Composable]] = {
    "entity": partial(filters.entity, id="s.entity_id"),
    "relation": partial(filters.relation, id="s.relation_id"),
    "chunk": partial(filters.chunk, id="s.chunk_id"),
}


def _template(retriever: Retriever, *, bm25: bool, shared: bool) -> LiteralString:
    if retriever.name == NAME:
        return NAMED
    if retriever.name == NAME_IN_QUESTION:
        return IN_QUESTION
    if retriever.vector:
        return NEAREST
    if shared:
        return SHARED_WORDS
    return BM25 if bm25 else TSVECTOR


@cache
def has_bm25() -> bool:
    """Return True if the database has pg_textsearch. Queried once per process."""
    rows = search_transaction.fetch("SELECT lightrag_has('pg_textsearch')", {})
    return bool(rows[0][0])


def values(question: Question) -> dict[str, Any]:
    """Return the values of the statement's placeholders."""
    words = questions.words(question.text)
    low_words = questions.words(question.low)
    return {
        "workspace": question.workspace_id,
        "index": question.index_id,
        "question": question.vectors.question,
        "low": question.vectors.low,
        "high": question.vectors.high,
        "question_words": words,
        "low_words": low_words,
        "question_any_word": _any_word(words),
        "low_any_word": _any_word(low_words),
        "names": questions.possible_names(question.keywords.low or (question.text,)),
        "spans": questions.spans(question.text),
        "top_k": question.limits.top_k,
        "chunk_top_k": question.limits.chunk_top_k,
        **question.filters.values,
    }


def _any_word(words: str) -> str:
    """Return a tsquery that matches any of the words."""
    return " | ".join(f"'{word}'" for word in words.split())
