"""Vectors of another model, made beside those that answer and put in their place at once.

For each kind there is a table `search_<kind>_<workspace>_next`, like the partition it will
become. It is kept from one run to the next, so what was embedded is embedded once. Its
rows hold the hash of the text they were made from: where that differs from the text of
today, they are to be made again.
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
from retrieval.index.search_rows import CHUNK_TEXT, Kind, StaleRow, vector_text

# Only what can be found already is made: ingestion sees to the rest.
PENDING: Mapping[Kind, str] = {
    "chunk": f"""
SELECT c.id, '', {CHUNK_TEXT} AS text
FROM search_chunk s JOIN documents_chunk c ON c.id = s.chunk_id
LEFT JOIN {{next}} n ON n.chunk_id = s.chunk_id
WHERE s.workspace_id = %(workspace)s AND n.text_hash IS DISTINCT FROM s.text_hash
""",  # noqa: S608 - our own text
    "entity": """
SELECT e.id, '', e.name || E'\\n' || e.description AS text
FROM search_entity s JOIN graph_entity e ON e.id = s.entity_id
LEFT JOIN {next} n ON n.entity_id = s.entity_id
WHERE s.workspace_id = %(workspace)s
    AND n.text_hash IS DISTINCT FROM md5(e.name || E'\\n' || e.description)
""",
    "relation": """
SELECT r.id, '',
    r.description || E'\\n' || r.keywords || E'\\t' || a.name || E'\\t' || b.name AS text
FROM search_relation s JOIN graph_relation r ON r.id = s.relation_id
JOIN graph_entity a ON a.id = r.source_id
JOIN graph_entity b ON b.id = r.target_id
LEFT JOIN {next} n ON n.relation_id = s.relation_id
WHERE s.workspace_id = %(workspace)s AND n.text_hash IS DISTINCT FROM md5(
    r.description || E'\\n' || r.keywords || E'\\t' || a.name || E'\\t' || b.name)
""",
}

FILL = """
INSERT INTO {next} ({columns})
SELECT {made}
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

LEFT_OVER = """
DELETE FROM {next} n WHERE NOT EXISTS (
    SELECT FROM {parent} s WHERE s.workspace_id = %(workspace)s AND s.{id} = n.{id})
"""

# Vectors of documents that are being read now: made anew when those can be found.
UNSTAGE = """
UPDATE graph_stagedchunk s SET vector = NULL
FROM documents_chunk c WHERE c.id = s.chunk_id AND c.workspace_id = %(workspace)s
"""


def begin(workspace_id: int, model: str) -> None:
    """Make the next tables, or go on with those of an earlier run for the same model."""
    for kind in PENDING:
        name = next_table(kind, workspace_id)
        if _made_for(name) != model:
            execute("DROP TABLE IF EXISTS {next}", kind, workspace_id)
            execute(
                "CREATE TABLE {next} (LIKE {parent} INCLUDING ALL)", kind, workspace_id
            )
            remark = "COMMENT ON TABLE {next} IS {model}"
            execute(remark, kind, workspace_id, model=sql.Literal(model))


def pending(workspace_id: int, limit: int) -> list[StaleRow]:
    """Up to `limit` texts of each kind that have no vector of the new model yet."""
    return [
        StaleRow(kind, *row)
        for kind, statement in PENDING.items()
        for row in fetch(f"{statement} LIMIT {limit}", kind, workspace_id)
    ]


def counts(workspace_id: int) -> dict[Kind, int]:
    """How many texts of each kind are pending."""
    return {
        kind: fetch(f"{COUNT} ({statement}) pending", kind, workspace_id)[0][0]
        for kind, statement in PENDING.items()
    }


def store(
    workspace_id: int, rows: Sequence[StaleRow], vectors: NDArray[np.float32]
) -> None:
    """Keep new vectors beside what else their search rows hold. One statement a kind."""
    for kind in PENDING:
        places = [place for place, row in enumerate(rows) if row.kind == kind]
        if places:
            texts = [rows[place].text for place in places]
            values: dict[str, Any] = {
                "ids": [rows[place].id for place in places],
                "texts": texts,
                "vectors": [vector_text(vectors[place]) for place in places],
            }
            execute(FILL, kind, workspace_id, values, **_filling(kind))


def make_indexes(workspace_id: int, dimensions: int) -> None:
    """Build what the next tables are searched by, while the old ones answer."""
    for kind in PENDING:
        name = next_table(kind, workspace_id)
        if not _exists(f"{name}_hnsw"):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT lightrag_make_search_indexes(%s, %s, %s)",
                    [kind, name, dimensions],
                )


def switch(workspace_id: int, model: str, dimensions: int) -> bool:
    """Let the new vectors answer from this commit on; False if some are still pending.

    Writers of the workspace wait; questions wait for the moment of the swap, which
    waits for those that are searching.
    """
    with transaction.atomic():
        locks.serialize_ddl()
        locks.lock_and_invalidate(workspace_id)
        if any(counts(workspace_id).values()):
            return False
        for kind in PENDING:
            execute(LEFT_OVER, kind, workspace_id)
        with connection.cursor() as cursor:
            cursor.execute(UNSTAGE, {"workspace": workspace_id})
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


def _filling(kind: Kind) -> dict[str, sql.Composable]:
    """All columns of the search row but for the vector and the hash of its text."""
    own: dict[str, sql.Composable] = {
        "vector": sql.SQL("f.vector::halfvec"),
        "text_hash": sql.SQL("s.text_hash" if kind == "chunk" else "md5(f.text)"),
    }
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, {"parent": f"search_{kind}"})
        names = [name for (name,) in cursor.fetchall()]
    columns = [sql.Identifier(name) for name in names]
    return {
        "columns": sql.SQL(", ").join(columns),
        "made": sql.SQL(", ").join(
            own.get(name, sql.Identifier("s", name)) for name in names
        ),
        "changes": sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(column) for column in columns
        ),
    }


def _made_for(name: str) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regclass(%s))", [name])
        (found,) = cursor.fetchone()
        return None if found is None else str(found)


def _exists(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
        (found,) = cursor.fetchone()
        return bool(found)


def execute(
    statement: str,
    kind: Kind,
    workspace_id: int,
    values: Mapping[str, Any] | None = None,
    **parts: sql.Composable,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            composed(statement, kind, workspace_id, **parts),
            {"workspace": workspace_id, **(values or {})},
        )


def fetch(statement: str, kind: Kind, workspace_id: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            composed(statement, kind, workspace_id), {"workspace": workspace_id}
        )
        return list(cursor.fetchall())


def composed(
    statement: str, kind: Kind, workspace_id: int, **parts: sql.Composable
) -> sql.Composed:
    return sql.SQL(statement).format(
        next=sql.Identifier(next_table(kind, workspace_id)),
        parent=sql.Identifier(f"search_{kind}"),
        id=sql.Identifier(f"{kind}_id"),
        **parts,
    )
