"""Queue of merged descriptions that a model should summarize.

A description is due if `summary_fragments` descriptions, or more text than
`summary_max_tokens`, are not covered by a summary (docs/lightrag.md C.8). A summary covers
the mentions that existed when it was requested; descriptions of later mentions are appended
to it until it is due again.

A worker leases a description while it requests the summary. Otherwise each merge of a hub
would request it again until the model has answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from graph.merging import derive
from graph.merging.derive import TYPED
from retrieval.index.search_rows import Touched
from retrieval.index.tables import Kind

CLAIM_ENTITIES = f"""
WITH mentions AS (
    SELECT m.entity_id, m.id, m.chunk_id, m.description,
        m.id <= e.summary_upto AS covered,
        {TYPED}
    FROM graph_entity e JOIN graph_entitymention m ON m.entity_id = e.id
    WHERE e.id = ANY(%(ids)s) AND e.fragments > 1 AND e.edited_description = ''
        AND e.summary_owner <> ALL(%(busy)s)
), fragments AS (
    SELECT entity_id, description, min(chunk_id) AS first
    FROM mentions WHERE description <> '' AND NOT covered AND typed = any_typed
    GROUP BY entity_id, description
), due AS (
    SELECT entity_id, array_agg(description ORDER BY first, description) AS descriptions
    FROM fragments GROUP BY entity_id
    HAVING count(*) >= %(fragments)s OR sum(length(description)) > %(chars)s
), covered AS (
    SELECT entity_id, max(id) AS upto, count(*) AS mentions FROM mentions GROUP BY entity_id
), claimed AS (
    UPDATE graph_entity e SET summary_owner = %(owner)s
    FROM due d WHERE e.id = d.entity_id
    RETURNING e.id, e.name, array_remove(e.summary || d.descriptions, '') AS descriptions
)
SELECT t.id, t.name, t.descriptions, c.upto, c.mentions
FROM claimed t JOIN covered c ON c.entity_id = t.id
ORDER BY t.id
"""  # noqa: S608 - constants only

CLAIM_RELATIONS = """
WITH mentions AS (
    SELECT m.relation_id, m.id, m.chunk_id, m.description, m.id <= r.summary_upto AS covered
    FROM graph_relation r JOIN graph_relationmention m ON m.relation_id = r.id
    WHERE r.id = ANY(%(ids)s) AND r.fragments > 1 AND r.edited_description = ''
        AND r.summary_owner <> ALL(%(busy)s)
), fragments AS (
    SELECT relation_id, description, min(chunk_id) AS first
    FROM mentions WHERE description <> '' AND NOT covered
    GROUP BY relation_id, description
), due AS (
    SELECT relation_id, array_agg(description ORDER BY first, description) AS descriptions
    FROM fragments GROUP BY relation_id
    HAVING count(*) >= %(fragments)s OR sum(length(description)) > %(chars)s
), covered AS (
    SELECT relation_id, max(id) AS upto, count(*) AS mentions
    FROM mentions GROUP BY relation_id
), claimed AS (
    UPDATE graph_relation r SET summary_owner = %(owner)s
    FROM due d WHERE r.id = d.relation_id
    RETURNING r.id, r.source_id, r.target_id,
        array_remove(r.summary || d.descriptions, '') AS descriptions
)
SELECT t.id, a.name || ' ~ ' || b.name, t.descriptions, c.upto, c.mentions
FROM claimed t JOIN covered c ON c.relation_id = t.id
JOIN graph_entity a ON a.id = t.source_id JOIN graph_entity b ON b.id = t.target_id
ORDER BY t.id
"""

# A summary is discarded if mentions it covers have been deleted since.
STORE_ENTITIES = """
UPDATE graph_entity e
SET summary = f.summary, summary_upto = f.upto, summary_count = f.mentions
FROM unnest(%(ids)s::bigint[], %(summaries)s::text[], %(uptos)s::bigint[],
    %(mentions)s::int[]) AS f (id, summary, upto, mentions)
WHERE e.id = f.id AND f.mentions = (
    SELECT count(*) FROM graph_entitymention m
    WHERE m.entity_id = f.id AND m.id <= f.upto
)
"""

STORE_RELATIONS = """
UPDATE graph_relation r
SET summary = f.summary, summary_upto = f.upto, summary_count = f.mentions
FROM unnest(%(ids)s::bigint[], %(summaries)s::text[], %(uptos)s::bigint[],
    %(mentions)s::int[]) AS f (id, summary, upto, mentions)
WHERE r.id = f.id AND f.mentions = (
    SELECT count(*) FROM graph_relationmention m
    WHERE m.relation_id = f.id AND m.id <= f.upto
)
"""

RELEASE_ENTITIES = """
UPDATE graph_entity SET summary_owner = ''
WHERE id = ANY(%(ids)s) AND summary_owner = %(owner)s
"""

RELEASE_RELATIONS = """
UPDATE graph_relation SET summary_owner = ''
WHERE id = ANY(%(ids)s) AND summary_owner = %(owner)s
"""


@dataclass(frozen=True, slots=True)
class DueSummary:
    """Descriptions to summarize; the first one is the previous summary, if there is one."""

    kind: Kind
    id: int
    name: str
    descriptions: tuple[str, ...]
    upto: int
    mentions: int


def claim(touched: Touched, owner: str, busy: Sequence[str]) -> list[DueSummary]:
    """Lease the due descriptions of `touched` to `owner` and return them. Two queries.

    Descriptions leased to one of the owners `busy` are skipped. Call it in a transaction
    that holds `locks.lock_workspace`.
    """
    return [
        *_claim_kind("entity", CLAIM_ENTITIES, touched.entities, owner, busy),
        *_claim_kind("relation", CLAIM_RELATIONS, touched.relations, owner, busy),
    ]


def _claim_kind(
    kind: Kind, statement: str, ids: Sequence[int], owner: str, busy: Sequence[str]
) -> Iterator[DueSummary]:
    ingest = settings.LIGHTRAG.ingest
    values: dict[str, Any] = {
        "ids": list(ids),
        "owner": owner,
        "busy": list(busy),
        "fragments": ingest.summary_fragments,
        "chars": ingest.summary_max_tokens * derive.CHARS_PER_TOKEN,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        for pk, name, descriptions, upto, mentions in cursor.fetchall():
            yield DueSummary(kind, pk, name, tuple(descriptions), upto, mentions)


def release(owner: str, touched: Touched) -> None:
    """End the owner's leases of `touched`. Two queries.

    Call it in a transaction that holds `locks.lock_workspace`.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            RELEASE_ENTITIES, {"ids": list(touched.entities), "owner": owner}
        )
        cursor.execute(
            RELEASE_RELATIONS, {"ids": list(touched.relations), "owner": owner}
        )


def store(done: Sequence[tuple[DueSummary, str]]) -> None:
    """Store summaries and recompute the descriptions that they belong to.

    Call it in a transaction that holds `locks.lock_and_invalidate`.
    """
    entities = [pair for pair in done if pair[0].kind == "entity"]
    relations = [pair for pair in done if pair[0].kind == "relation"]
    _store_kind(STORE_ENTITIES, entities)
    _store_kind(STORE_RELATIONS, relations)
    derive.relations([due.id for due, _ in relations])
    derive.entities([due.id for due, _ in entities])


def _store_kind(statement: str, done: Sequence[tuple[DueSummary, str]]) -> None:
    values: dict[str, Any] = {
        "ids": [due.id for due, _ in done],
        "summaries": [summary for _, summary in done],
        "uptos": [due.upto for due, _ in done],
        "mentions": [due.mentions for due, _ in done],
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
