"""Derive the merged fields of entities and relations from what chunks said of them.

The rules are upstream's (docs/lightrag.md C.8): the most frequent type; distinct descriptions,
oldest first, joined by `<SEP>`; the sorted union of keywords; the sum of weights. A
model's summary stands for the mentions it covers, as long as all of them are there; a
person's edit wins over everything. Whoever holds the oldest descriptions within
`summary_max_tokens` holds the merged one, so a hub's text stays bounded.

After a merge a person's words about one of the two stand beside what chunks say of the
other: they win over mentions by the names in `edit_scope` alone. What a chunk said is
never copied into them, so it leaves with its document.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection

CHARS_PER_TOKEN = 4
"""A rough measure: SQL cannot count a model's tokens."""

ENTITIES = """
WITH touched AS (
    SELECT e.id, e.summary, e.summary_upto, e.edited_type, e.edited_description,
        e.edit_scope, e.summary_count > 0 AND e.summary_count = (
            SELECT count(*) FROM graph_entitymention m
            WHERE m.entity_id = e.id AND m.id <= e.summary_upto
        ) AS fresh,
        (SELECT count(*) FROM graph_relation r WHERE r.source_id = e.id)
        + (SELECT count(*) FROM graph_relation r WHERE r.target_id = e.id) AS degree
    FROM graph_entity e WHERE e.id = ANY(%(ids)s)
), said AS (
    SELECT m.entity_id, m.id, m.chunk_id, m.description, m.entity_type, m.said_name,
        m.entity_type <> 'UNKNOWN' AS known,
        bool_or(m.entity_type <> 'UNKNOWN') OVER (PARTITION BY m.entity_id) AS any_known
    FROM graph_entitymention m WHERE m.entity_id = ANY(%(ids)s)
), types AS (
    SELECT entity_id, mode() WITHIN GROUP (ORDER BY entity_type) AS entity_type
    FROM said WHERE known GROUP BY entity_id
), fragments AS (
    SELECT s.entity_id, s.description, min(s.chunk_id) AS first
    FROM said s JOIN touched t ON t.id = s.entity_id
    WHERE s.description <> '' AND s.known = s.any_known AND CASE
        WHEN t.edited_description = '' THEN NOT (t.fresh AND s.id <= t.summary_upto)
        ELSE t.edit_scope <> '{}' AND s.said_name <> ALL(t.edit_scope) END
    GROUP BY s.entity_id, s.description
), numbered AS (
    SELECT *, row_number() OVER oldest AS place,
        sum(length(description)) OVER oldest AS length
    FROM fragments
    WINDOW oldest AS (PARTITION BY entity_id ORDER BY first, description)
), joined AS (
    SELECT entity_id, count(*) AS fragments,
        string_agg(description, '<SEP>' ORDER BY first, description) FILTER (
            WHERE place = 1 OR (place <= %(max_fragments)s AND length <= %(max_chars)s)
        ) AS description
    FROM numbered GROUP BY entity_id
), derived AS (
    SELECT t.id, t.degree, coalesce(j.fragments, 0) AS fragments,
        coalesce(nullif(t.edited_type, ''), k.entity_type, 'UNKNOWN') AS entity_type,
        concat_ws('<SEP>', nullif(t.edited_description, ''),
            CASE WHEN t.fresh AND t.edited_description = '' THEN t.summary END,
            j.description) AS description,
        t.fresh
    FROM touched t
    LEFT JOIN joined j ON j.entity_id = t.id
    LEFT JOIN types k ON k.entity_id = t.id
)
UPDATE graph_entity e
SET entity_type = d.entity_type, description = d.description, degree = d.degree,
    fragments = d.fragments,
    summary = CASE WHEN d.fresh THEN e.summary ELSE '' END,
    summary_upto = CASE WHEN d.fresh THEN e.summary_upto ELSE 0 END,
    summary_count = CASE WHEN d.fresh THEN e.summary_count ELSE 0 END,
    updated_at = now()
FROM derived d
WHERE e.id = d.id AND (
    (e.entity_type, e.description, e.degree, e.fragments, e.summary_count > 0)
    IS DISTINCT FROM
    (d.entity_type, d.description, d.degree, d.fragments, d.fresh)
)
"""

RELATIONS = """
WITH touched AS (
    SELECT r.id, r.summary, r.summary_upto, r.edited_description, r.edited_keywords,
        r.edited_weight, r.edit_scope,
        r.summary_count > 0 AND r.summary_count = (
            SELECT count(*) FROM graph_relationmention m
            WHERE m.relation_id = r.id AND m.id <= r.summary_upto
        ) AS fresh
    FROM graph_relation r WHERE r.id = ANY(%(ids)s)
), said AS (
    SELECT m.relation_id, m.id, m.chunk_id, m.description, m.keywords, m.weight,
        t.edit_scope = '{}' OR ARRAY[m.said_source, m.said_target] <@ t.edit_scope
            AS under
    FROM graph_relationmention m JOIN touched t ON t.id = m.relation_id
), words AS (
    SELECT relation_id, string_agg(DISTINCT trim(word), ',' ORDER BY trim(word)) AS keywords
    FROM (
        SELECT s.relation_id, s.keywords FROM said s JOIN touched t ON t.id = s.relation_id
        WHERE t.edited_keywords = '' OR NOT s.under
        UNION ALL SELECT id, edited_keywords FROM touched WHERE edit_scope <> '{}'
    ) AS spoken
    CROSS JOIN LATERAL regexp_split_to_table(keywords, '[,，]') AS word
    WHERE trim(word) <> '' GROUP BY relation_id
), weights AS (
    SELECT relation_id, sum(weight) AS weight FROM said GROUP BY relation_id
), fragments AS (
    SELECT s.relation_id, s.description, min(s.chunk_id) AS first
    FROM said s JOIN touched t ON t.id = s.relation_id
    WHERE s.description <> '' AND CASE
        WHEN t.edited_description = '' THEN NOT (t.fresh AND s.id <= t.summary_upto)
        ELSE NOT s.under END
    GROUP BY s.relation_id, s.description
), numbered AS (
    SELECT *, row_number() OVER oldest AS place,
        sum(length(description)) OVER oldest AS length
    FROM fragments
    WINDOW oldest AS (PARTITION BY relation_id ORDER BY first, description)
), joined AS (
    SELECT relation_id, count(*) AS fragments,
        string_agg(description, '<SEP>' ORDER BY first, description) FILTER (
            WHERE place = 1 OR (place <= %(max_fragments)s AND length <= %(max_chars)s)
        ) AS description
    FROM numbered GROUP BY relation_id
), derived AS (
    SELECT t.id, t.fresh, coalesce(j.fragments, 0) AS fragments,
        concat_ws('<SEP>', nullif(t.edited_description, ''),
            CASE WHEN t.fresh AND t.edited_description = '' THEN t.summary END,
            j.description) AS description,
        CASE WHEN t.edited_keywords <> '' AND t.edit_scope = '{}'
            THEN t.edited_keywords ELSE coalesce(w.keywords, '') END AS keywords,
        coalesce(t.edited_weight, v.weight, 1) AS weight
    FROM touched t
    LEFT JOIN joined j ON j.relation_id = t.id
    LEFT JOIN words w ON w.relation_id = t.id
    LEFT JOIN weights v ON v.relation_id = t.id
)
UPDATE graph_relation r
SET description = d.description, keywords = d.keywords, weight = d.weight,
    fragments = d.fragments,
    summary = CASE WHEN d.fresh THEN r.summary ELSE '' END,
    summary_upto = CASE WHEN d.fresh THEN r.summary_upto ELSE 0 END,
    summary_count = CASE WHEN d.fresh THEN r.summary_count ELSE 0 END,
    updated_at = now()
FROM derived d
WHERE r.id = d.id AND (
    (r.description, r.keywords, r.weight, r.fragments, r.summary_count > 0)
    IS DISTINCT FROM
    (d.description, d.keywords, d.weight, d.fragments, d.fresh)
)
"""


def entities(ids: Sequence[int]) -> None:
    """Derive these entities anew: one statement, and only changed rows are written."""
    run(ENTITIES, ids)


def relations(ids: Sequence[int]) -> None:
    """Derive these relations anew: one statement, and only changed rows are written."""
    run(RELATIONS, ids)


def run(statement: str, ids: Sequence[int]) -> None:
    if not ids:
        return
    ingest = settings.LIGHTRAG.ingest
    values: dict[str, Any] = {
        "ids": list(ids),
        "max_fragments": ingest.max_fragments,
        "max_chars": ingest.summary_max_tokens * CHARS_PER_TOKEN,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
