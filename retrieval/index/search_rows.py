r"""Search rows: the vectors and words by which chunks, entities and relations are found.

A row is stale if its text differs from the text that was embedded (`text_hash`), or if it
has no vector because the workspace changed its embedding model.

Entities and relations that only the linguistic extractor has found have no vector: their
text is a sentence of a chunk, so the vector of the chunk finds them
(docs/adr/0017-graph-without-vectors.md). Such an entity has a row without a vector, by
which its name is found; such a relation has no row.

The text of an entity is LightRAG's, `name\ndescription`. The text of a relation begins
with its description, `description\nkeywords\tsource\ttarget`: LightRAG has the
description last, which ranks the relations of a question lower (docs/retrieval.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from retrieval.index import lexical, name_key, own_tables, tables
from retrieval.index.tables import Kind

MAX_NAME_KEY = 256
"""Characters of a name's key that are stored: a B-tree index refuses long values."""

# SQL expressions of the texts that are embedded. `documents.pipeline.steps.embed` has the
# text of a chunk in Python too. Aliases: c chunk, e entity, r relation with ends a and b.
CHUNK_TEXT = """
CASE WHEN cardinality(c.headings) = 0 THEN c.content
ELSE array_to_string(c.headings, ' > ') || E'\\n' || c.content END
"""
ENTITY_TEXT = "e.name || E'\\n' || e.description"
RELATION_TEXT = (
    "r.description || E'\\n' || r.keywords || E'\\t' || a.name || E'\\t' || b.name"
)

IS_EMBEDDED = """(
    {row}.manual OR {row}.edited_description <> '' OR EXISTS (
        SELECT FROM graph_{kind}mention m
        LEFT JOIN graph_chunkextraction x USING (chunk_id)
        WHERE m.{kind}_id = {row}.id AND (x.model LIKE 'linguistic:%%') IS NOT TRUE)
    OR NOT EXISTS (SELECT FROM graph_{kind}mention m WHERE m.{kind}_id = {row}.id)
)"""
"""SQL condition that a model, an import or a user described an entity or relation."""
ENTITY_IS_EMBEDDED = IS_EMBEDDED.format(row="e", kind="entity")
RELATION_IS_EMBEDDED = IS_EMBEDDED.format(row="r", kind="relation")

STALE_CHUNKS = f"""
SELECT c.id, '', {CHUNK_TEXT}, true
FROM search_chunk s JOIN documents_chunk c ON c.id = s.chunk_id
WHERE s.index_id = %(index)s AND s.vector IS NULL
ORDER BY c.id
"""  # noqa: S608 - constants only

STALE_ENTITIES = f"""
SELECT e.id, e.name, {ENTITY_TEXT}, {ENTITY_IS_EMBEDDED}
FROM graph_entity e
LEFT JOIN search_entity s ON s.index_id = %(index)s AND s.entity_id = e.id
WHERE e.workspace_id = %(workspace)s AND (%(all)s OR e.id = ANY(%(ids)s))
    AND (s.text_hash IS DISTINCT FROM md5({ENTITY_TEXT})
        OR s.vector IS NULL AND {ENTITY_IS_EMBEDDED})
ORDER BY e.id
"""  # noqa: S608 - constants only

STALE_RELATIONS = f"""
SELECT r.id, '', {RELATION_TEXT}, {RELATION_IS_EMBEDDED}
FROM graph_relation r
JOIN graph_entity a ON a.id = r.source_id
JOIN graph_entity b ON b.id = r.target_id
LEFT JOIN search_relation s ON s.index_id = %(index)s AND s.relation_id = r.id
WHERE r.workspace_id = %(workspace)s AND (%(all)s OR r.id = ANY(%(ids)s))
    AND (s.text_hash <> md5({RELATION_TEXT})
        OR s.vector IS NULL AND {RELATION_IS_EMBEDDED})
ORDER BY r.id
"""  # noqa: S608 - constants only

# The joins skip rows that were deleted, and vectors of a model that the workspace no
# longer uses. If the text has changed since it was read, the transaction that changed
# it has marked it as stale; the older vector is stored only if there is no row yet.
WRITE_CHUNKS = """
UPDATE search_chunk s SET vector = f.vector::halfvec
FROM unnest(%(ids)s::bigint[], %(vectors)s::text[]) AS f (id, vector),
    documents_workspace w
WHERE s.index_id = %(index)s AND s.chunk_id = f.id
    AND w.id = %(workspace)s AND w.embedding_model = %(model)s
"""

WRITE_ENTITIES = f"""
INSERT INTO search_entity (
    index_id, entity_id, vector, lexical, text_hash, name_key)
SELECT w.search_index, f.id, f.vector::halfvec, f.lexical, md5(f.text),
    nullif(f.name_key, '')
FROM unnest(%(ids)s::bigint[], %(vectors)s::text[], %(lexical)s::text[], %(texts)s::text[],
        %(name_key)s::text[])
    AS f (id, vector, lexical, text, name_key)
JOIN graph_entity e ON e.id = f.id AND e.workspace_id = %(workspace)s
JOIN documents_workspace w ON w.id = e.workspace_id AND w.embedding_model = %(model)s
LEFT JOIN search_entity s ON s.index_id = %(index)s AND s.entity_id = f.id
WHERE s.entity_id IS NULL OR (
    f.text = {ENTITY_TEXT} AND (s.text_hash <> md5(f.text) OR s.vector IS NULL))
ON CONFLICT (index_id, entity_id) DO UPDATE
SET vector = excluded.vector, lexical = excluded.lexical,
    text_hash = excluded.text_hash, name_key = excluded.name_key
"""  # noqa: S608 - constants only

WRITE_RELATIONS = f"""
INSERT INTO search_relation (index_id, relation_id, vector, text_hash)
SELECT w.search_index, f.id, f.vector::halfvec, md5(f.text)
FROM unnest(%(ids)s::bigint[], %(vectors)s::text[], %(texts)s::text[])
    AS f (id, vector, text)
JOIN graph_relation r ON r.id = f.id AND r.workspace_id = %(workspace)s
JOIN graph_entity a ON a.id = r.source_id
JOIN graph_entity b ON b.id = r.target_id
JOIN documents_workspace w ON w.id = r.workspace_id AND w.embedding_model = %(model)s
LEFT JOIN search_relation s ON s.index_id = %(index)s AND s.relation_id = f.id
WHERE s.relation_id IS NULL OR (
    f.text = {RELATION_TEXT} AND (s.text_hash <> md5(f.text) OR s.vector IS NULL))
ON CONFLICT (index_id, relation_id) DO UPDATE
SET vector = excluded.vector, text_hash = excluded.text_hash
"""  # noqa: S608 - constants only

DELETE_RELATIONS = f"""
DELETE FROM search_relation s
USING graph_relation r
WHERE s.index_id = %(index)s AND s.relation_id = ANY(%(ids)s)
    AND r.id = s.relation_id AND NOT {RELATION_IS_EMBEDDED}
"""  # noqa: S608 - constants only

INVALIDATE_ENTITIES = f"""
UPDATE search_entity s SET vector = NULL, text_hash = ''
FROM graph_entity e
WHERE s.index_id = %(index)s AND s.entity_id = ANY(%(entities)s)
    AND e.id = s.entity_id
    AND s.text_hash <> md5({ENTITY_TEXT})
"""  # noqa: S608 - constants only

INVALIDATE_RELATIONS = f"""
UPDATE search_relation s SET vector = NULL, text_hash = ''
FROM graph_relation r
JOIN graph_entity a ON a.id = r.source_id
JOIN graph_entity b ON b.id = r.target_id
WHERE s.index_id = %(index)s AND s.relation_id = ANY(%(relations)s)
    AND r.id = s.relation_id AND s.text_hash <> md5({RELATION_TEXT})
"""  # noqa: S608 - constants only

MARK_STALE = """
UPDATE documents_workspace SET stale_since = clock_timestamp() WHERE id = %(workspace)s
"""


@dataclass(frozen=True, slots=True)
class Touched:
    """Ids of the entities and relations that a write to the graph may have changed."""

    entities: tuple[int, ...] = ()
    relations: tuple[int, ...] = ()

    def __or__(self, other: Touched) -> Touched:
        return Touched(
            tuple({*self.entities, *other.entities}),
            tuple({*self.relations, *other.relations}),
        )

    def __sub__(self, other: Touched) -> Touched:
        return Touched(
            tuple({*self.entities} - {*other.entities}),
            tuple({*self.relations} - {*other.relations}),
        )


@dataclass(frozen=True, slots=True)
class StaleRow:
    """A chunk, entity or relation whose search row is outdated.

    `name` is empty unless an entity. If `is_embedded` is False, it needs no vector.
    """

    kind: Kind
    id: int
    name: str
    text: str
    is_embedded: bool = True


def stale(workspace_id: int, touched: Touched | None = None) -> list[StaleRow]:
    """Return the stale rows among `touched`, or of the whole workspace if None.

    Two queries; three for the whole workspace, because it includes chunks.
    """
    if touched is not None:
        return [
            *stale_of("entity", STALE_ENTITIES, workspace_id, touched.entities),
            *stale_of("relation", STALE_RELATIONS, workspace_id, touched.relations),
        ]
    return [
        *stale_of("chunk", STALE_CHUNKS, workspace_id, None),
        *stale_of("entity", STALE_ENTITIES, workspace_id, None),
        *stale_of("relation", STALE_RELATIONS, workspace_id, None),
    ]


def stale_of(
    kind: Kind, statement: str, workspace_id: int, ids: Sequence[int] | None
) -> list[StaleRow]:
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "index": tables.index_of(workspace_id),
        "all": ids is None,
        "ids": list(ids or ()),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [StaleRow(kind, *row) for row in cursor.fetchall()]


WRITE: Mapping[Kind, str] = {
    "chunk": WRITE_CHUNKS,
    "entity": WRITE_ENTITIES,
    "relation": WRITE_RELATIONS,
}


def write(
    workspace_id: int,
    model: str,
    rows: Sequence[StaleRow],
    vectors: NDArray[np.float32] | Sequence[None],
) -> None:
    """Store vectors of `model`, with one statement for each kind among the rows.

    A row whose vector is None is stored without one. Rows stay stale if the workspace
    has changed to another model.
    """
    for kind, statement in WRITE.items():
        positions = [i for i, row in enumerate(rows) if row.kind == kind]
        if positions:
            values: dict[str, Any] = {
                "workspace": workspace_id,
                "index": tables.index_of(workspace_id),
                "model": model,
                "ids": [rows[i].id for i in positions],
                "texts": [rows[i].text for i in positions],
                "lexical": [lexical.segment(rows[i].name) for i in positions],
                "name_key": [
                    name_key.key(rows[i].name)[:MAX_NAME_KEY] for i in positions
                ],
                "vectors": [
                    None if (vector := vectors[i]) is None else vector_text(vector)
                    for i in positions
                ],
            }
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
    own_tables.request_if_large(workspace_id)


def write_without_vectors(
    workspace_id: int, model: str, rows: Sequence[StaleRow]
) -> None:
    """Store the names of entities, and delete the rows of relations."""
    entities = [row for row in rows if row.kind == "entity"]
    write(workspace_id, model, entities, [None] * len(entities))
    values: dict[str, Any] = {
        "index": tables.index_of(workspace_id),
        "ids": [row.id for row in rows if row.kind == "relation"],
    }
    with connection.cursor() as cursor:
        cursor.execute(DELETE_RELATIONS, values)


def invalidate(workspace_id: int, touched: Touched) -> None:
    """Clear the vectors whose text has changed, and mark the workspace as stale.

    Without a vector, text that was removed from a description can't be found any more.
    """
    values: dict[str, Any] = {
        "index": tables.index_of(workspace_id),
        "entities": list(touched.entities),
        "relations": list(touched.relations),
    }
    with connection.cursor() as cursor:
        cursor.execute(INVALIDATE_ENTITIES, values)
        cursor.execute(INVALIDATE_RELATIONS, values)
    mark_stale(workspace_id)


def mark_stale(workspace_id: int) -> None:
    """Mark the workspace as having stale rows, which a worker embeds."""
    with connection.cursor() as cursor:
        cursor.execute(MARK_STALE, {"workspace": workspace_id})


def vector_text(vector: NDArray[np.float32]) -> str:
    """Return pgvector's text form, with the precision of a half float."""
    # One format operation for a vector is faster than one for each number.
    template = "[" + ",".join(["%.5g"] * len(vector)) + "]"
    return template % tuple(vector.tolist())
