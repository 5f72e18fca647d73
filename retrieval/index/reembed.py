"""Change of a workspace's embedding model.

The new vectors are written to a search index that is built beside the one in use, and
one transaction switches to it. An interrupted run continues with the same index. A row is
embedded again if the hash of its text has changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray
from psycopg import sql

from documents.workspaces import audit, locks
from documents.workspaces.audit import Action
from retrieval.index import own_tables, tables
from retrieval.index.search_rows import (
    CHUNK_TEXT,
    ENTITY_IS_EMBEDDED,
    ENTITY_TEXT,
    RELATION_TEXT,
    StaleRow,
    vector_text,
)
from retrieval.index.tables import Kind
from retrieval.models import SearchIndex

# Only rows that can be found already; the pipeline embeds the others.
PENDING: Mapping[Kind, str] = {
    "chunk": f"""
SELECT c.id, '', {CHUNK_TEXT} AS text
FROM search_chunk s JOIN documents_chunk c ON c.id = s.chunk_id
LEFT JOIN search_chunk n ON n.index_id = %(new)s AND n.chunk_id = s.chunk_id
WHERE s.index_id = %(old)s AND n.text_hash IS DISTINCT FROM s.text_hash
""",  # noqa: S608 - constants only
    "entity": f"""
SELECT e.id, '', {ENTITY_TEXT} AS text
FROM search_entity s JOIN graph_entity e ON e.id = s.entity_id
LEFT JOIN search_entity n ON n.index_id = %(new)s AND n.entity_id = s.entity_id
WHERE s.index_id = %(old)s
    AND n.text_hash IS DISTINCT FROM md5({ENTITY_TEXT})
    AND (s.vector IS NOT NULL OR {ENTITY_IS_EMBEDDED})
""",  # noqa: S608 - constants only
    "relation": f"""
SELECT r.id, '', {RELATION_TEXT} AS text
FROM search_relation s JOIN graph_relation r ON r.id = s.relation_id
JOIN graph_entity a ON a.id = r.source_id
JOIN graph_entity b ON b.id = r.target_id
LEFT JOIN search_relation n ON n.index_id = %(new)s AND n.relation_id = s.relation_id
WHERE s.index_id = %(old)s
    AND n.text_hash IS DISTINCT FROM md5({RELATION_TEXT})
""",  # noqa: S608 - constants only
}

FILL = """
INSERT INTO {parent} (index_id, {id}, {columns})
SELECT %(new)s, s.{id}, {selected}
FROM unnest(%(ids)s::bigint[], %(vectors)s::text[], %(texts)s::text[])
    AS f (id, vector, text)
JOIN {parent} s ON s.index_id = %(old)s AND s.{id} = f.id
ON CONFLICT (index_id, {id}) DO UPDATE SET {changes}
"""

COUNT = "SELECT count(*) FROM"

# Entities that need no vector, after all others have a row in the next index.
KEEP_UNEMBEDDED = """
INSERT INTO search_entity (index_id, entity_id, lexical, text_hash, name_key)
SELECT %(new)s, s.entity_id, s.lexical, s.text_hash, s.name_key FROM search_entity s
WHERE s.index_id = %(old)s AND s.vector IS NULL
ON CONFLICT DO NOTHING
"""

# Staged vectors of documents in progress: they are embedded again once found.
CLEAR_STAGED = """
UPDATE graph_stagedchunk s SET vector = NULL
FROM documents_chunk c WHERE c.id = s.chunk_id AND c.workspace_id = %(workspace)s
"""


@dataclass(frozen=True, slots=True)
class Change:
    """The index that is built for the new model, and the one in use."""

    index: SearchIndex
    old: int

    @property
    def values(self) -> dict[str, Any]:
        return {"new": self.index.pk, "old": self.old}


def begin(workspace_id: int, model: str, dimensions: int) -> None:
    """Begin to build an index for the model, or continue an earlier run.

    An index that is being built for another purpose is given up.
    """
    with transaction.atomic():
        locks.lock_workspace(workspace_id)
        building = SearchIndex.objects.filter(
            workspace_id=workspace_id, state=SearchIndex.State.BUILDING
        ).first()
        if building and building.embedding_model == model:
            return
        if building:
            own_tables.retire(building)
        old = tables.index_of(workspace_id)
        new = tables.new_id(shared=tables.is_shared(old))
        SearchIndex.objects.create(
            pk=new,
            workspace_id=workspace_id,
            state=SearchIndex.State.BUILDING,
            embedding_model=model,
            embedding_dimensions=dimensions,
        )
        tables.make(new)


def current(workspace_id: int) -> Change:
    """Return the change that `begin` began."""
    index = SearchIndex.objects.get(
        workspace_id=workspace_id, state=SearchIndex.State.BUILDING
    )
    return Change(index, tables.index_of(workspace_id))


def pending(workspace_id: int, limit: int) -> list[StaleRow]:
    """Return up to `limit` rows of each kind that have no vector of the new model."""
    change = current(workspace_id)
    return [
        StaleRow(kind, *row)
        for kind, statement in PENDING.items()
        for row in fetch(f"{statement} LIMIT {limit}", change)
    ]


def counts(workspace_id: int) -> dict[Kind, int]:
    """Return the number of pending rows of each kind."""
    change = current(workspace_id)
    return {
        kind: fetch(f"{COUNT} ({statement}) pending", change)[0][0]
        for kind, statement in PENDING.items()
    }


def store(
    workspace_id: int, rows: Sequence[StaleRow], vectors: NDArray[np.float32]
) -> None:
    """Store new vectors with the other columns of their rows; one statement per kind."""
    change = current(workspace_id)
    for kind in PENDING:
        positions = [i for i, row in enumerate(rows) if row.kind == kind]
        if positions:
            values: dict[str, Any] = {
                **change.values,
                "ids": [rows[i].id for i in positions],
                "texts": [rows[i].text for i in positions],
                "vectors": [vector_text(vectors[i]) for i in positions],
            }
            with connection.cursor() as cursor:
                cursor.execute(_fill(kind), values)


def make_indexes(workspace_id: int) -> None:
    """Build the new search indexes while queries use the current ones."""
    index = current(workspace_id).index
    tables.make_search_indexes(index.pk, index.embedding_dimensions)


def switch(workspace_id: int) -> bool:
    """Use the new index from now on; return False if rows are pending.

    Writers of the workspace wait for the transaction; queries don't.
    """
    with transaction.atomic():
        locks.lock_and_invalidate(workspace_id)
        if any(counts(workspace_id).values()):
            return False
        change = current(workspace_id)
        with connection.cursor() as cursor:
            cursor.execute(KEEP_UNEMBEDDED, change.values)
        for kind in PENDING:
            own_tables.delete_orphans(kind, change.old, change.index.pk)
        with connection.cursor() as cursor:
            cursor.execute(CLEAR_STAGED, {"workspace": workspace_id})
        own_tables.use(change.index, change.old)
        own_tables.request_if_large(workspace_id)
        model = change.index.embedding_model
        audit.record(Action.WORKSPACE_REEMBED, model, workspace_id=workspace_id)
    return True


def _fill(kind: Kind) -> sql.Composed:
    """Return the statement: new vector and hash, all other columns copied."""
    computed: dict[str, sql.Composable] = {
        "vector": sql.SQL("f.vector::halfvec"),
        "text_hash": sql.SQL("s.text_hash" if kind == "chunk" else "md5(f.text)"),
    }
    names = tables.COLUMNS[kind]
    columns = [sql.Identifier(name) for name in names]
    return sql.SQL(FILL).format(
        parent=sql.Identifier(f"search_{kind}"),
        id=sql.Identifier(f"{kind}_id"),
        columns=sql.SQL(", ").join(columns),
        selected=sql.SQL(", ").join(
            computed.get(name, sql.Identifier("s", name)) for name in names
        ),
        changes=sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(column) for column in columns
        ),
    )


def fetch(statement: str, change: Change) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, change.values)
        return list(cursor.fetchall())
