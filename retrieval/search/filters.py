"""Which documents a question may be answered from, and the SQL that holds it to them.

A statement of the search names a chunk, an entity or a relation and asks here for its
condition. An entity or relation is allowed where a chunk of an allowed document speaks
of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import sql


@dataclass(frozen=True, slots=True)
class Filters:
    """All that is given must hold. Empty: every document is allowed.

    `document_ids` are public ids, any of which will do, as will any of `tags`.
    `file_name` is a pattern in which `*` stands for anything and `?` for one character,
    in any case. A document counts as made when it was handed in: `created_after` is
    included, `created_before` is not.
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
        """What the conditions' placeholders stand for."""
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

OF_DOCUMENT = """EXISTS (
    SELECT FROM documents_chunk c JOIN documents_document d ON d.id = c.document_id
    WHERE c.id = {id} AND {documents})"""

OF_MENTION = """EXISTS (
    SELECT FROM {mentions} m JOIN documents_chunk c ON c.id = m.chunk_id
    JOIN documents_document d ON d.id = c.document_id
    WHERE m.{column} = {id} AND {documents})"""


def documents(filters: Filters) -> sql.Composable:
    """The condition on a document `d`."""
    given = [text for name, text in CONDITIONS.items() if getattr(filters, name)]
    return sql.SQL(" AND ").join(map(sql.SQL, given)) if given else sql.SQL("TRUE")


def chunk(filters: Filters, id: LiteralString) -> sql.Composable:
    """The condition on the chunk whose id is the expression `id`."""
    if not filters:
        return sql.SQL("TRUE")
    return sql.SQL(OF_DOCUMENT).format(id=sql.SQL(id), documents=documents(filters))


def entity(filters: Filters, id: LiteralString) -> sql.Composable:
    """The condition on the entity whose id is the expression `id`."""
    return _mentioned(filters, "entity", id)


def relation(filters: Filters, id: LiteralString) -> sql.Composable:
    """The condition on the relation whose id is the expression `id`."""
    return _mentioned(filters, "relation", id)


def _mentioned(
    filters: Filters, kind: LiteralString, id: LiteralString
) -> sql.Composable:
    if not filters:
        return sql.SQL("TRUE")
    return sql.SQL(OF_MENTION).format(
        mentions=sql.Identifier(f"graph_{kind}mention"),
        column=sql.Identifier(f"{kind}_id"),
        id=sql.SQL(id),
        documents=documents(filters),
    )


def _like(pattern: str) -> str:
    """The pattern as LIKE has it."""
    escaped = pattern.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return escaped.replace("*", "%").replace("?", "_")
