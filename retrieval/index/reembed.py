"""Change of a workspace's embedding model.

The new vectors are written to tables `search_<kind>_<workspace>_next`, which then replace
the partitions in one transaction. The tables are kept between runs, so an interrupted run
continues. A row is embedded again if the hash of its text has changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray
from psycopg import sql

from documents.workspaces import audit, locks
from documents.workspaces.audit import Action
from retrieval.index.search_rows import (
    CHUNK_TEXT,
    ENTITY_IS_EMBEDDED,
    ENTITY_TEXT,
    RELATION_TEXT,
    Kind,
    StaleRow,
    vector_text,
)

# Only rows that can be found already; the pipeline embeds the others.
PENDING: Mapping[Kind, str] = {
    "chunk": f"""
SELECT c.id, '', {CHUNK_TEXT} AS text
FROM search_chunk s JOIN documents_chunk c ON c.id = s.chunk_id
LEFT JOIN {{next}} n ON n.chunk_id = s.chunk_id
WHERE s.workspace_id = %(workspace)s AND n.text_hash IS DISTINCT FROM s.text_hash
""",  # noqa: S608 - constants only
    "entity": f"""
SELECT e.id, '', {ENTITY_TEXT} AS text
FROM search_entity s JOIN graph_entity e ON e.id = s.entity_id
LEFT JOIN {{next}} n ON n.entity_id = s.entity_id
WHERE s.workspace_id = %(workspace)s
    AND n.text_hash IS DISTINCT FROM md5({ENTITY_TEXT})
    AND (s.vector IS NOT NULL OR {ENTITY_IS_EMBEDDED})
""",  # noqa: S608 - constants only
    "relation": f"""
SELECT r.id, '', {RELATION_TEXT} AS text
FROM search_relation s JOIN graph_relation r ON r.id = s.relation_id
JOIN graph_entity a ON a.id = r.source_id
JOIN graph_entity b ON b.id = r.target_id
LEFT JOIN {{next}} n ON n.relation_id = s.relation_id
WHERE s.workspace_id = %(workspace)s
    AND n.text_hash IS DISTINCT FROM md5({RELATION_TEXT})
""",  # noqa: S608 - constants only
}

FILL = """
INSERT INTO {next} ({columns})
SELECT {selected}
FROM unnest(%(ids)s::bigint[], %(vectors)s::text[], %(texts)s::text[])
    AS f (id, vector, text)
JOIN {parent} s ON s.workspace_id = %(workspace)s AND s.{id} = f.id
ON CONFLICT (workspace_id, {id}) DO UPDATE SET {changes}
"""

COUNT = "SELECT count(*) FROM"

COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = %(parent)s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""

# Entities that need no vector, after all others have a row in the next table.
KEEP_UNEMBEDDED = """
INSERT INTO {next} SELECT s.* FROM {parent} s
WHERE s.workspace_id = %(workspace)s AND s.vector IS NULL
    AND NOT EXISTS (SELECT FROM {next} n WHERE n.{id} = s.{id})
"""

DELETE_ORPHANS = """
DELETE FROM {next} n WHERE NOT EXISTS (
    SELECT FROM {parent} s WHERE s.workspace_id = %(workspace)s AND s.{id} = n.{id})
"""

# Staged vectors of documents in progress: they are embedded again once found.
CLEAR_STAGED = """
UPDATE graph_stagedchunk s SET vector = NULL
FROM documents_chunk c WHERE c.id = s.chunk_id AND c.workspace_id = %(workspace)s
"""


def begin(workspace_id: int, model: str) -> None:
    """Create the next tables, or keep those of an earlier run for the same model."""
    for kind in PENDING:
        name = next_table(kind, workspace_id)
        if _model_of(name) != model:
            execute("DROP TABLE IF EXISTS {next}", kind, workspace_id)
            execute(
                "CREATE TABLE {next} (LIKE {parent} INCLUDING ALL)", kind, workspace_id
            )
            comment = "COMMENT ON TABLE {next} IS {model}"
            execute(comment, kind, workspace_id, model=sql.Literal(model))


def pending(workspace_id: int, limit: int) -> list[StaleRow]:
    """Return up to `limit` rows of each kind that have no vector of the new model."""
    return [
        StaleRow(kind, *row)
        for kind, statement in PENDING.items()
        for row in fetch(f"{statement} LIMIT {limit}", kind, workspace_id)
    ]


def counts(workspace_id: int) -> dict[Kind, int]:
    """Return the number of pending rows of each kind."""
    return {
        kind: fetch(f"{COUNT} ({statement}) pending", kind, workspace_id)[0][0]
        for kind, statement in PENDING.items()
    }


def store(
    workspace_id: int, rows: Sequence[StaleRow], vectors: NDArray[np.float32]
) -> None:
    """Store new vectors with the other columns of their rows; one statement per kind."""
    for kind in PENDING:
        positions = [i for i, row in enumerate(rows) if row.kind == kind]
        if positions:
            texts = [rows[i].text for i in positions]
            values: dict[str, Any] = {
                "ids": [rows[i].id for i in positions],
                "texts": texts,
                "vectors": [vector_text(vectors[i]) for i in positions],
            }
            execute(FILL, kind, workspace_id, values, **_fill_columns(kind))


def make_indexes(workspace_id: int, dimensions: int) -> None:
    """Build the indexes of the next tables while queries use the current ones."""
    for kind in PENDING:
        name = next_table(kind, workspace_id)
        if not _exists(f"{name}_hnsw"):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT lightrag_make_search_indexes(%s, %s, %s)",
                    [kind, name, dimensions],
                )


def switch(workspace_id: int, model: str, dimensions: int) -> bool:
    """Replace the search tables by the next ones; return False if rows are pending.

    Writers of the workspace wait for the transaction. The swap waits for running
    queries, and new queries wait for the swap.
    """
    with transaction.atomic():
        locks.serialize_ddl()
        locks.lock_and_invalidate(workspace_id)
        if any(counts(workspace_id).values()):
            return False
        execute(KEEP_UNEMBEDDED, "entity", workspace_id)
        for kind in PENDING:
            execute(DELETE_ORPHANS, kind, workspace_id)
        with connection.cursor() as cursor:
            cursor.execute(CLEAR_STAGED, {"workspace": workspace_id})
        locks.lock_search_tables(workspace_id)
        with connection.cursor() as cursor:
            for kind in PENDING:
                cursor.execute(
                    "SELECT lightrag_swap_search_table(%s, %s)", [kind, workspace_id]
                )
            cursor.execute(
                "UPDATE documents_workspace SET embedding_model = %s,"
                " embedding_dimensions = %s WHERE id = %s",
                [model, dimensions, workspace_id],
            )
        audit.record(Action.WORKSPACE_REEMBED, model, workspace_id=workspace_id)
    return True


def next_table(kind: Kind, workspace_id: int) -> str:
    return f"search_{kind}_{workspace_id}_next"


def _fill_columns(kind: Kind) -> dict[str, sql.Composable]:
    """Return the SQL parts of FILL: new vector and hash, all other columns copied."""
    computed: dict[str, sql.Composable] = {
        "vector": sql.SQL("f.vector::halfvec"),
        "text_hash": sql.SQL("s.text_hash" if kind == "chunk" else "md5(f.text)"),
    }
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, {"parent": f"search_{kind}"})
        names = [name for (name,) in cursor.fetchall()]
    columns = [sql.Identifier(name) for name in names]
    return {
        "columns": sql.SQL(", ").join(columns),
        "selected": sql.SQL(", ").join(
            computed.get(name, sql.Identifier("s", name)) for name in names
        ),
        "changes": sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(column) for column in columns
        ),
    }


def _model_of(name: str) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regclass(%s))", [name])
        (comment,) = cursor.fetchone()
        return None if comment is None else str(comment)


def _exists(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
        (exists,) = cursor.fetchone()
        return bool(exists)


def execute(
    statement: str,
    kind: Kind,
    workspace_id: int,
    values: Mapping[str, Any] | None = None,
    **parts: sql.Composable,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            compose(statement, kind, workspace_id, **parts),
            {"workspace": workspace_id, **(values or {})},
        )


def fetch(statement: str, kind: Kind, workspace_id: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            compose(statement, kind, workspace_id), {"workspace": workspace_id}
        )
        return list(cursor.fetchall())


def compose(
    statement: str, kind: Kind, workspace_id: int, **parts: sql.Composable
) -> sql.Composed:
    return sql.SQL(statement).format(
        next=sql.Identifier(next_table(kind, workspace_id)),
        parent=sql.Identifier(f"search_{kind}"),
        id=sql.Identifier(f"{kind}_id"),
        **parts,
    )
