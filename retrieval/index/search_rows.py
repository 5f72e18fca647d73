"""The rows by which chunks, entities and relations are found: stale ones, and fresh ones.

An entity or relation whose text differs from what was embedded is stale, and so is
whatever has no vector: it was made by a model that the workspace has left. An entity's
text is upstream's, `name\\ndescription`. A relation's begins with its sentence,
`description\\nkeywords\\tsource\\ttarget`: upstream's has it last, and finds the facts
that a question is about less often (docs/retrieval.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from retrieval.index import lexical, name_key

Kind = Literal["chunk", "entity", "relation"]

# As `documents.pipeline.steps.embed.searchable_text` makes it.
CHUNK_TEXT = """
CASE WHEN cardinality(c.headings) = 0 THEN c.content
ELSE array_to_string(c.headings, ' > ') || E'\\n' || c.content END
"""

STALE_CHUNKS = f"""
SELECT c.id, '', {CHUNK_TEXT}
FROM search_chunk s JOIN documents_chunk c ON c.id = s.chunk_id
WHERE s.workspace_id = %(workspace)s AND s.vector IS NULL
ORDER BY c.id
"""  # noqa: S608 - our own text

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

# The joins leave out what was deleted, and vectors of a model that the workspace left,
# while they were made. A text that has changed meanwhile is embedded by whoever changed
# it: it is written only where no row is yet, so that the newest stays.
WRITE_CHUNKS = """
UPDATE search_chunk s SET vector = f.vector::halfvec
FROM unnest(%(ids)s::bigint[], %(vectors)s::text[]) AS f (id, vector),
    documents_workspace w
WHERE s.workspace_id = %(workspace)s AND s.chunk_id = f.id
    AND w.id = s.workspace_id AND w.embedding_model = %(model)s
"""

WRITE_ENTITIES = """
INSERT INTO search_entity (
    workspace_id, entity_id, vector, lexical, text_hash, sameness)
SELECT %(workspace)s, f.id, f.vector::halfvec, f.lexical, md5(f.text),
    nullif(f.sameness, '')
FROM unnest(%(ids)s::bigint[], %(vectors)s::text[], %(lexical)s::text[], %(texts)s::text[],
        %(sameness)s::text[])
    AS f (id, vector, lexical, text, sameness)
JOIN graph_entity e ON e.id = f.id AND e.workspace_id = %(workspace)s
JOIN documents_workspace w ON w.id = e.workspace_id AND w.embedding_model = %(model)s
LEFT JOIN search_entity s ON s.workspace_id = %(workspace)s AND s.entity_id = f.id
WHERE s.entity_id IS NULL OR (
    f.text = e.name || E'\\n' || e.description AND s.text_hash <> md5(f.text))
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
JOIN graph_entity a ON a.id = r.source_id
JOIN graph_entity b ON b.id = r.target_id
JOIN documents_workspace w ON w.id = r.workspace_id AND w.embedding_model = %(model)s
LEFT JOIN search_relation s ON s.workspace_id = %(workspace)s AND s.relation_id = f.id
WHERE s.relation_id IS NULL OR (
    s.text_hash <> md5(f.text) AND f.text =
        r.description || E'\\n' || r.keywords || E'\\t' || a.name || E'\\t' || b.name)
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

NOTE_STALE = """
UPDATE documents_workspace SET stale_since = clock_timestamp() WHERE id = %(workspace)s
"""


@dataclass(frozen=True, slots=True)
class Touched:
    """Ids of what a write to the graph may have changed."""

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
    """A chunk, entity or relation to embed anew; only an entity has a name."""

    kind: Kind
    id: int
    name: str
    text: str


def stale(workspace_id: int, touched: Touched | None = None) -> list[StaleRow]:
    """What of `touched`, or of the whole workspace, must be embedded anew.

    Two queries; three for the whole workspace, whose chunks are looked at too.
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
    vectors: NDArray[np.float32],
) -> None:
    """Store vectors that `model` made: one statement for each kind among the rows.

    They stay stale where the workspace has moved to another model meanwhile.
    """
    for kind, statement in WRITE.items():
        places = [place for place, row in enumerate(rows) if row.kind == kind]
        if places:
            values: dict[str, Any] = {
                "workspace": workspace_id,
                "model": model,
                "ids": [rows[place].id for place in places],
                "texts": [rows[place].text for place in places],
                "lexical": [lexical.segment(rows[place].name) for place in places],
                "sameness": [name_key.key(rows[place].name) for place in places],
                "vectors": [vector_text(vectors[place]) for place in places],
            }
            with connection.cursor() as cursor:
                cursor.execute(statement, values)


def void(workspace_id: int, touched: Touched) -> None:
    """Blank the vectors that still hold what was just taken out of a description.

    That there is something to embed is noted for the workers.
    """
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "entities": list(touched.entities),
        "relations": list(touched.relations),
    }
    with connection.cursor() as cursor:
        cursor.execute(VOID_ENTITIES, values)
        cursor.execute(VOID_RELATIONS, values)
    note_stale(workspace_id)


def note_stale(workspace_id: int) -> None:
    """Note for the workers that there is something to embed."""
    with connection.cursor() as cursor:
        cursor.execute(NOTE_STALE, {"workspace": workspace_id})


def vector_text(vector: NDArray[np.float32]) -> str:
    """pgvector's text form, to the precision of a half float."""
    form = "[" + ",".join(["%.5g"] * len(vector)) + "]"  # in one go: there are many
    return form % tuple(vector.tolist())
