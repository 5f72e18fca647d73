"""The rows by which chunks, entities and relations are found: stale ones, and fresh ones.

An entity or relation whose text differs from what was embedded is stale. An entity's
text is upstream's, `name\\ndescription`. A relation's begins with its sentence,
`description\\nkeywords\\tsource\\ttarget`: upstream's has it last, and finds the facts
that a question is about less often (docs/retrieval.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from graph import lexical, sameness
from graph.merge import Touched

Kind = Literal["entity", "relation"]

STALE_ENTITIES = """
SELECT e.id, e.name, e.name || E'\\n' || e.description
FROM graph_entity e
LEFT JOIN search_entity s ON s.workspace_id = %(workspace)s AND s.entity_id = e.id
WHERE e.workspace_id = %(workspace)s AND (%(all)s OR e.id = ANY(%(ids)s))
    AND s.text_hash IS DISTINCT FROM md5(e.name || E'\\n' || e.description)
ORDER BY e.id
"""

STALE_RELATIONS = """
SELECT r.id, '',
    r.description || E'\\n' || r.keywords || E'\\t' || a.name || E'\\t' || b.name
FROM graph_relation r
JOIN graph_entity a ON a.id = r.source_id
JOIN graph_entity b ON b.id = r.target_id
LEFT JOIN search_relation s ON s.workspace_id = %(workspace)s AND s.relation_id = r.id
WHERE r.workspace_id = %(workspace)s AND (%(all)s OR r.id = ANY(%(ids)s))
    AND s.text_hash IS DISTINCT FROM md5(
        r.description || E'\\n' || r.keywords || E'\\t' || a.name || E'\\t' || b.name)
ORDER BY r.id
"""

# The join leaves out what was deleted while the vectors were made.
WRITE_ENTITIES = """
INSERT INTO search_entity (
    workspace_id, entity_id, vector, lexical, text_hash, sameness)
SELECT %(workspace)s, f.id, f.vector::halfvec, f.lexical, md5(f.text),
    nullif(f.sameness, '')
FROM unnest(%(ids)s::bigint[], %(vectors)s::text[], %(lexical)s::text[], %(texts)s::text[],
        %(sameness)s::text[])
    AS f (id, vector, lexical, text, sameness)
JOIN graph_entity e ON e.id = f.id AND e.workspace_id = %(workspace)s
ON CONFLICT (workspace_id, entity_id) DO UPDATE
SET vector = excluded.vector, lexical = excluded.lexical,
    text_hash = excluded.text_hash, sameness = excluded.sameness
"""

WRITE_RELATIONS = """
INSERT INTO search_relation (workspace_id, relation_id, vector, text_hash)
SELECT %(workspace)s, f.id, f.vector::halfvec, md5(f.text)
FROM unnest(%(ids)s::bigint[], %(vectors)s::text[], %(texts)s::text[])
    AS f (id, vector, text)
JOIN graph_relation r ON r.id = f.id AND r.workspace_id = %(workspace)s
ON CONFLICT (workspace_id, relation_id) DO UPDATE
SET vector = excluded.vector, text_hash = excluded.text_hash
"""

VOID_ENTITIES = """
UPDATE search_entity s SET vector = NULL, text_hash = ''
FROM graph_entity e
WHERE s.workspace_id = %(workspace)s AND s.entity_id = ANY(%(entities)s)
    AND e.id = s.entity_id
    AND s.text_hash <> md5(e.name || E'\\n' || e.description)
"""

VOID_RELATIONS = """
UPDATE search_relation s SET vector = NULL, text_hash = ''
FROM graph_relation r
JOIN graph_entity a ON a.id = r.source_id
JOIN graph_entity b ON b.id = r.target_id
WHERE s.workspace_id = %(workspace)s AND s.relation_id = ANY(%(relations)s)
    AND r.id = s.relation_id AND s.text_hash <> md5(
        r.description || E'\\n' || r.keywords || E'\\t' || a.name || E'\\t' || b.name)
"""


@dataclass(frozen=True, slots=True)
class StaleRow:
    """An entity or relation to embed anew; `name` is empty for a relation."""

    kind: Kind
    id: int
    name: str
    text: str


def stale(workspace_id: int, touched: Touched | None = None) -> list[StaleRow]:
    """What of `touched`, or of the whole workspace, must be embedded anew. Two queries."""
    entities = None if touched is None else touched.entities
    relations = None if touched is None else touched.relations
    return [
        *stale_of("entity", STALE_ENTITIES, workspace_id, entities),
        *stale_of("relation", STALE_RELATIONS, workspace_id, relations),
    ]


def stale_of(
    kind: Kind, statement: str, workspace_id: int, ids: Sequence[int] | None
) -> list[StaleRow]:
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "all": ids is None,
        "ids": list(ids or ()),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [StaleRow(kind, *row) for row in cursor.fetchall()]


def write(
    workspace_id: int, rows: Sequence[StaleRow], vectors: NDArray[np.float32]
) -> None:
    """Store the vectors of these rows: one statement for each kind among them."""
    for kind, statement in (("entity", WRITE_ENTITIES), ("relation", WRITE_RELATIONS)):
        places = [place for place, row in enumerate(rows) if row.kind == kind]
        if places:
            values: dict[str, Any] = {
                "workspace": workspace_id,
                "ids": [rows[place].id for place in places],
                "texts": [rows[place].text for place in places],
                "lexical": [lexical.segment(rows[place].name) for place in places],
                "sameness": [sameness.key(rows[place].name) for place in places],
                "vectors": [vector_text(vectors[place]) for place in places],
            }
            with connection.cursor() as cursor:
                cursor.execute(statement, values)


def void(workspace_id: int, touched: Touched) -> None:
    """Blank the vectors that still hold what was just taken out of a description."""
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "entities": list(touched.entities),
        "relations": list(touched.relations),
    }
    with connection.cursor() as cursor:
        cursor.execute(VOID_ENTITIES, values)
        cursor.execute(VOID_RELATIONS, values)


def vector_text(vector: NDArray[np.float32]) -> str:
    """pgvector's text form, to the precision of a half float."""
    return "[" + ",".join(f"{number:.5g}" for number in vector.tolist()) + "]"
