"""Retrievers: the ways to search, and the one SQL statement that runs them all.

Each retriever is an ordered and limited part of the statement, so that it scans one
index. For a search index with tables of its own, it names the partition and repeats the
expression of its HNSW index (`graph/migrations/schema.sql`). All rows of an index in the
shared tables are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Literal, LiteralString

from psycopg import sql

from retrieval.index import bm25, tables
from retrieval.index.tables import Kind
from retrieval.search import filters
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

WORDS = """
(SELECT {retriever} AS retriever, {id} AS id, {shown} AS words, NULL::float8 AS cosine
FROM ({ranking}) s ORDER BY score DESC, {id} LIMIT {limit})
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


def statement(question: Question, using: Sequence[Retriever]) -> str:
    """Return the statement; its rows are (retriever's key, id, name's words, cosine).

    The cosine is NULL for retrievers without a vector.
    """
    target = Target(
        question.index_id, question.dimensions, question.filters, question.exact
    )
    return _statement(target, tuple(using))


# Composing the text takes longer than executing some of the statements.
@lru_cache(maxsize=256)
def _statement(target: Target, using: tuple[Retriever, ...]) -> str:
    head = sql.SQL(VECTORS).format(dims=sql.Literal(target.dimensions))
    if target.exact:
        head += sql.SQL(ALLOWED).format(documents=filters.documents(target.filters))
    parts = (_part(target, retriever) for retriever in using)
    return (head + sql.SQL("UNION ALL").join(parts)).as_string()


def _part(target: Target, retriever: Retriever) -> sql.Composed:
    kind = retriever.kind
    table = tables.rows(kind, target.index_id)
    template = _template(retriever)
    return sql.SQL(template).format(
        retriever=sql.Literal(retriever.key),
        id=sql.Identifier(f"{kind}_id"),
        table=table,
        rows=_rows(target, kind, table),
        allowed=_allowed(target, retriever),
        dims=sql.Literal(target.dimensions),
        vector=sql.Identifier(retriever.vector),
        shown=_shown(retriever, table),
        ranking=_ranking(target, retriever) if template == WORDS else sql.SQL(""),
        limit=sql.Placeholder(limit_name(retriever)),
    )


def _ranking(target: Target, retriever: Retriever) -> sql.Composed:
    kind = retriever.kind
    table = tables.rows(kind, target.index_id)
    return bm25.ranking(
        kind,
        target.index_id,
        sql.Placeholder(f"{retriever.words}_words"),
        allowed=_allowed(target, retriever),
        rows=_rows(target, kind, table) if target.exact else None,
        wanted=bm25.FILTERED_CANDIDATES if target.filters else bm25.CANDIDATES,
    )


def limit_name(retriever: Retriever) -> Literal["chunk_top_k", "top_k"]:
    """Return the name of the limit on the retriever's rows."""
    return "chunk_top_k" if retriever.kind == "chunk" else "top_k"


def _shown(retriever: Retriever, table: sql.Composable) -> sql.Composable:
    """Return the words of an entity's name; empty for other kinds."""
    if retriever.kind != "entity":
        return sql.Literal("")
    return sql.SQL(LEXICAL_OF_ENTITY).format(table=table)


def _rows(target: Target, kind: Kind, table: sql.Composable) -> sql.Composable:
    """Return the rows of the search index, or a subquery of those allowed."""
    if not target.exact:
        return table
    return sql.SQL(ALLOWED_ROWS).format(
        allowed=sql.Identifier(f"allowed_{kind}"),
        table=table,
        id=sql.Identifier(f"{kind}_id"),
    )


def _allowed(target: Target, retriever: Retriever) -> sql.Composable:
    by_name = retriever.name in (NAME, NAME_IN_QUESTION)
    conditions = []
    if not target.exact or by_name:
        conditions.append(CONDITIONS[retriever.kind](target.filters))
    if tables.is_shared(target.index_id):
        conditions += _is_in_shared(target, retriever)
    return sql.SQL(" AND ").join(conditions or [sql.SQL("TRUE")])


def _is_in_shared(target: Target, retriever: Retriever) -> list[sql.Composable]:
    """Return the condition on ids, where `rows` isn't part of the retriever."""
    if not target.exact or not retriever.words or retriever.name == NAME_IN_QUESTION:
        return []
    kind = retriever.kind
    id, allowed = sql.Identifier(f"{kind}_id"), sql.Identifier(f"allowed_{kind}")
    return [sql.SQL(IS_ALLOWED).format(id=id, allowed=allowed)]


CONDITIONS: Mapping[Kind, Callable[[Filters], sql.Composable]] = {
    "entity": partial(filters.entity, id="s.entity_id"),
    "relation": partial(filters.relation, id="s.relation_id"),
    "chunk": partial(filters.chunk, id="s.chunk_id"),
}


def _template(retriever: Retriever) -> LiteralString:
    if retriever.name == NAME:
        return NAMED
    if retriever.name == NAME_IN_QUESTION:
        return IN_QUESTION
    return NEAREST if retriever.vector else WORDS


def values(question: Question) -> dict[str, Any]:
    """Return the values of the statement's placeholders."""
    return {
        "workspace": question.workspace_id,
        "question": question.vectors.question,
        "low": question.vectors.low,
        "high": question.vectors.high,
        "question_words": questions.words(question.text),
        "low_words": questions.words(question.low),
        "names": questions.possible_names(question.keywords.low or (question.text,)),
        "spans": questions.spans(question.text),
        "top_k": question.limits.top_k,
        "chunk_top_k": question.limits.chunk_top_k,
        **question.filters.values,
    }
