"""LightRAG's PostgreSQL: its `LIGHTRAG_…` tables and its graph (docs/lightrag.md E).

The graph is read from wherever it was kept: Apache AGE (`PGGraphStorage`), or plain tables
(`PGTableGraphStorage`). Everything is read as of one moment, and nothing is written.
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
    NotAStore,
    StoredChunk,
    StoredDocument,
    StoredEntity,
    StoredRelation,
    Vector,
    relation_key,
)
from graph.models import SEPARATOR

DEFAULT_WORKSPACE = "default"
"""What LightRAG calls a workspace without a name in its tables."""
KINDS = {"chunks": "chunks", "entities": "entity", "relationships": "relation"}
READ_AT_ONCE = 1000

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
TRACKED = "SELECT id, chunk_ids FROM {table} WHERE workspace = %(workspace)s"
# A table for each model and dimension, or an older one without either in its name.
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
    """One workspace of LightRAG's tables; raises NotAStore where there are none.

    Close it (`contextlib.closing`): it holds a transaction.
    """

    def __init__(self, url: str, workspace: str = "") -> None:
        self.named = workspace
        self.workspace = workspace or DEFAULT_WORKSPACE
        try:
            self._connection = psycopg.connect(url)
            self._connection.read_only = True
            self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        except psycopg.Error as error:
            raise NotAStore(
                f"There is no PostgreSQL at that address: {error}"
            ) from error
        if not self._has("lightrag_doc_chunks"):
            self.close()
            raise NotAStore("That database holds no LIGHTRAG_DOC_CHUNKS.")

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    @property
    def where(self) -> str:
        info = self._connection.info
        return f"{info.dbname} on {info.host or 'a socket'}, workspace {self.workspace}"

    def documents(self) -> list[StoredDocument]:
        return [document(row["id"], row) for row in self._rows(DOCUMENTS)]

    def chunk_order(self) -> list[str]:
        return [row["id"] for row in self._rows(CHUNK_ORDER)]

    def texts(self, document_ids: Sequence[str]) -> dict[str, str]:
        found = self._rows(TEXTS, ids=list(document_ids))
        return {row["id"]: row["content"] for row in found if row["content"]}

    def chunks(self, document_ids: Sequence[str]) -> list[StoredChunk]:
        found = self._rows(CHUNKS, ids=list(document_ids))
        return [
            chunk(row["id"], {**row, "heading": mapping(row.get("heading"))})
            for row in found
        ]

    def entities(self) -> Iterator[StoredEntity]:
        tracked = self._tracked("lightrag_entity_chunks")
        for name, data in postgres_graph.nodes(self._connection, self.named):
            yield StoredEntity(
                name,
                data.get("entity_type") or "",
                data.get("description") or "",
                chunk_ids(tracked.get(name), data.get("source_id") or ""),
            )

    def relations(self) -> Iterator[StoredRelation]:
        """An edge that stands there in both directions comes once."""
        tracked = self._tracked("lightrag_relation_chunks")
        seen = set()
        for source, target, data in postgres_graph.edges(self._connection, self.named):
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
                    tracked.get(SEPARATOR.join(ends)), data.get("source_id") or ""
                ),
            )

    def vectors(self, kind: str, dimensions: int) -> dict[str, Vector]:
        name = f"lightrag_vdb_{KINDS[kind]}"
        with self._connection.cursor() as cursor:
            cursor.execute(VECTOR_TABLES, {"name": name, "dimensions": dimensions})
            tables = [table for (table,) in cursor.fetchall()]
        return {key: vector for table in tables[:1] for key, vector in self._of(table)}

    def _of(self, table: str) -> Iterator[tuple[str, Vector]]:
        statement = sql.SQL(VECTORS).format(table=sql.SQL(table))
        with self._connection.cursor(name="vectors") as cursor:
            cursor.itersize = READ_AT_ONCE
            cursor.execute(statement, {"workspace": self.workspace})
            for key, numbers in cursor:
                if numbers is not None:
                    yield key, np.array(numbers, np.float32)

    def _tracked(self, table: str) -> Mapping[str, Mapping[str, Any]]:
        """All chunks of each name; kept by 1.4.9 and later."""
        if not self._has(table):
            return {}
        statement = sql.SQL(TRACKED).format(table=sql.Identifier(table))
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


def mapping(value: object) -> Mapping[str, Any]:
    """A JSON object, be it decoded or not; empty for anything else."""
    decoded = json.loads(value) if isinstance(value, str) else value
    return decoded if isinstance(decoded, dict) else {}
