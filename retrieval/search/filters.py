"""Document filters of a question, and their SQL conditions.

A search statement asks for the condition on a chunk, an entity or a relation. An entity
or relation is allowed if a chunk of an allowed document mentions it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import sql


@dataclass(frozen=True, slots=True)
class Filters:
    """Restrictions on documents; all given ones must hold. Empty: no restriction.

    A document matches `document_ids` (public ids) or `tags` if it has any of them.
    `file_name` is a case-insensitive pattern with `*` and `?`. The creation time is that
    of the upload; `created_after` is inclusive, `created_before` exclusive.
    """

    document_ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    file_name: str = ""
    created_after: datetime | None = None
    created_before: datetime | None = None

    def __bool__(self) -> bool:
        return self != NO_FILTERS

    @property
    def values(self) -> dict[str, Any]:
        """The values of the conditions' placeholders."""
        return {
            "filter_documents": list(self.document_ids),
            "filter_tags": list(self.tags),
            "filter_name": _like(self.file_name),
            "filter_after": self.created_after,
            "filter_before": self.created_before,
        }


NO_FILTERS = Filters()

CONDITIONS: dict[str, LiteralString] = {
    "document_ids": "d.public_id = ANY(%(filter_documents)s)",
    "tags": "d.tags && %(filter_tags)s::text[]",
    "file_name": "d.name ILIKE %(filter_name)s",
    "created_after": "d.created_at >= %(filter_after)s",
    "created_before": "d.created_at < %(filter_before)s",
}

CHUNK_IS_ALLOWED = """EXISTS (
    SELECT FROM documents_chunk c JOIN documents_document d ON d.id = c.document_id
    WHERE c.id = {id} AND {documents})"""

IS_MENTIONED = """EXISTS (
    SELECT FROM {mentions} m JOIN documents_chunk c ON c.id = m.chunk_id
    JOIN documents_document d ON d.id = c.document_id
    WHERE m.{column} = {id} AND {documents})"""


def documents(filters: Filters) -> sql.Composable:
    """Return the condition on a document with the SQL alias `d`."""
    conditions = [text for name, text in CONDITIONS.items() if getattr(filters, name)]
    return (
        sql.SQL(" AND ").join(map(sql.SQL, conditions))
        if conditions
        else sql.SQL("TRUE")
    )


def chunk(filters: Filters, id: LiteralString) -> sql.Composable:
    """Return the condition on the chunk whose id is the SQL expression `id`."""
    if not filters:
        return sql.SQL("TRUE")
    return sql.SQL(CHUNK_IS_ALLOWED).format(
        id=sql.SQL(id), documents=documents(filters)
    )


def entity(filters: Filters, id: LiteralString) -> sql.Composable:
    """Return the condition on the entity whose id is the SQL expression `id`."""
    return _is_mentioned(filters, "entity", id)


def relation(filters: Filters, id: LiteralString) -> sql.Composable:
    """Return the condition on the relation whose id is the SQL expression `id`."""
    return _is_mentioned(filters, "relation", id)


def _is_mentioned(
    filters: Filters, kind: LiteralString, id: LiteralString
) -> sql.Composable:
    if not filters:
        return sql.SQL("TRUE")
    return sql.SQL(IS_MENTIONED).format(
        mentions=sql.Identifier(f"graph_{kind}mention"),
        column=sql.Identifier(f"{kind}_id"),
        id=sql.SQL(id),
        documents=documents(filters),
    )


def _like(pattern: str) -> str:
    """Translate `*` and `?` into a LIKE pattern."""
    escaped = pattern.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return escaped.replace("*", "%").replace("?", "_")
