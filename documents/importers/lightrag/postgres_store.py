"""LightRAG's PostgreSQL store: its `LIGHTRAG_…` tables and graph (docs/lightrag.md E).

The graph is in Apache AGE (`PGGraphStorage`) or in plain tables (`PGTableGraphStorage`).
All reads share one read-only snapshot.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from documents.importers.lightrag import postgres_graph
from documents.importers.lightrag.file_store import chunk, chunk_ids, document
from documents.importers.lightrag.store import (
    InvalidStore,
    StoredChunk,
    StoredDocument,
    StoredEntity,
    StoredRelation,
    Vector,
    relation_key,
)
from graph.models import SEPARATOR

DEFAULT_WORKSPACE = "default"
"""The name of the unnamed workspace in LightRAG's tables."""
TABLE_SUFFIXES = {"chunks": "chunks", "entities": "entity", "relationships": "relation"}
ROWS_PER_FETCH = 1000
"""Number of rows that the cursor fetches per round trip."""

DOCUMENTS = """
SELECT id, file_path, status, error_msg, track_id, created_at::text AS created_at
FROM lightrag_doc_status WHERE workspace = %(workspace)s
ORDER BY created_at, id
"""
TEXTS = """
SELECT id, content FROM lightrag_doc_full
WHERE workspace = %(workspace)s AND id = ANY(%(ids)s)
"""
CHUNKS = """
SELECT * FROM lightrag_doc_chunks
WHERE workspace = %(workspace)s AND full_doc_id = ANY(%(ids)s)
ORDER BY array_position(%(ids)s::text[], full_doc_id::text), chunk_order_index
"""
CHUNK_ORDER = """
SELECT c.id FROM lightrag_doc_chunks c
LEFT JOIN lightrag_doc_status d ON d.workspace = c.workspace AND d.id = c.full_doc_id
WHERE c.workspace = %(workspace)s
ORDER BY d.created_at, d.id, c.chunk_order_index
"""
ALL_CHUNKS = "SELECT id, chunk_ids FROM {table} WHERE workspace = %(workspace)s"
# One table per model and dimension; older versions have one table without a suffix.
VECTOR_TABLES = """
SELECT a.attrelid::regclass::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relkind = 'r' AND a.attname = 'content_vector' AND a.atttypmod = %(dimensions)s
    AND (c.relname = %(name)s OR c.relname ~ ('^' || %(name)s || '_.*_[0-9]+d$'))
    AND pg_table_is_visible(c.oid)
ORDER BY length(c.relname) DESC
"""
VECTORS = """
SELECT id, content_vector::real[] FROM {table} WHERE workspace = %(workspace)s
"""


class PostgresStore:
    """One workspace of LightRAG's tables; raises InvalidStore if they do not exist.

    Close it (`contextlib.closing`): it holds a transaction.
    """

    def __init__(self, url: str, workspace: str = "") -> None:
        self.name = workspace
        self.workspace = workspace or DEFAULT_WORKSPACE
        try:
            self._connection = psycopg.connect(url)
            self._connection.read_only = True
            self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        except psycopg.Error as error:
            raise InvalidStore(f"Cannot connect to the database: {error}") from error
        if not self._has("lightrag_doc_chunks"):
            self.close()
            raise InvalidStore("The database has no table LIGHTRAG_DOC_CHUNKS.")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def documents(self) -> list[StoredDocument]:
        return [document(row["id"], row) for row in self._rows(DOCUMENTS)]

    def chunk_order(self) -> list[str]:
        return [row["id"] for row in self._rows(CHUNK_ORDER)]

    def texts(self, document_ids: Sequence[str]) -> dict[str, str]:
        rows = self._rows(TEXTS, ids=list(document_ids))
        return {row["id"]: row["content"] for row in rows if row["content"]}

    def chunks(self, document_ids: Sequence[str]) -> list[StoredChunk]:
        rows = self._rows(CHUNKS, ids=list(document_ids))
        return [
            chunk(row["id"], {**row, "heading": json_object(row.get("heading"))})
            for row in rows
        ]

    def entities(self) -> Iterator[StoredEntity]:
        all_chunks = self._all_chunks("lightrag_entity_chunks")
        for name, data in postgres_graph.nodes(self._connection, self.name):
            yield StoredEntity(
                name,
                data.get("entity_type") or "",
                data.get("description") or "",
                chunk_ids(all_chunks.get(name), data.get("source_id") or ""),
            )

    def relations(self) -> Iterator[StoredRelation]:
        """Iterate over the relations; skip the second direction of an edge."""
        all_chunks = self._all_chunks("lightrag_relation_chunks")
        seen = set()
        for source, target, data in postgres_graph.edges(self._connection, self.name):
            ends = relation_key(source, target)
            if ends in seen:
                continue
            seen.add(ends)
            yield StoredRelation(
                *ends,
                data.get("description") or "",
                data.get("keywords") or "",
                float(data.get("weight") or 1.0),
                chunk_ids(
                    all_chunks.get(SEPARATOR.join(ends)), data.get("source_id") or ""
                ),
            )

    def vectors(self, kind: str, dimensions: int) -> dict[str, Vector]:
        name = f"lightrag_vdb_{TABLE_SUFFIXES[kind]}"
        with self._connection.cursor() as cursor:
            cursor.execute(VECTOR_TABLES, {"name": name, "dimensions": dimensions})
            tables = [table for (table,) in cursor.fetchall()]
        return {
            key: vector
            for table in tables[:1]
            for key, vector in self._vectors_in(table)
        }

    def _vectors_in(self, table: str) -> Iterator[tuple[str, Vector]]:
        statement = sql.SQL(VECTORS).format(table=sql.SQL(table))
        with self._connection.cursor(name="vectors") as cursor:
            cursor.itersize = ROWS_PER_FETCH
            cursor.execute(statement, {"workspace": self.workspace})
            for key, numbers in cursor:
                if numbers is not None:
                    yield key, np.array(numbers, np.float32)

    def _all_chunks(self, table: str) -> Mapping[str, Mapping[str, Any]]:
        """Return the rows with all chunk ids, by name; LightRAG 1.4.9 and later."""
        if not self._has(table):
            return {}
        statement = sql.SQL(ALL_CHUNKS).format(table=sql.Identifier(table))
        return {row["id"]: row for row in self._rows(statement)}

    @cached_property
    def _tables(self) -> set[str]:
        with self._connection.cursor() as cursor:
            cursor.execute(
                "SELECT relname FROM pg_class"
                " WHERE relname LIKE 'lightrag%' AND pg_table_is_visible(oid)"
            )
            return {name for (name,) in cursor.fetchall()}

    def _has(self, table: str) -> bool:
        return table in self._tables

    def _rows(self, statement: Any, **values: object) -> list[dict[str, Any]]:
        with self._connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute(statement, {"workspace": self.workspace, **values})
            return cursor.fetchall()


def json_object(value: object) -> Mapping[str, Any]:
    """Return a JSON object, decoded if it is text; empty for other values."""
    decoded = json.loads(value) if isinstance(value, str) else value
    return decoded if isinstance(decoded, dict) else {}
