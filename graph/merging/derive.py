"""Derivation of the merged fields of entities and relations from their mentions.

The rules are LightRAG's (docs/lightrag.md C.8): the most frequent type; distinct
descriptions, oldest first, joined by `<SEP>`; the sorted union of keywords; the sum of
weights. A model's summary replaces the mentions it covers as long as all of them exist. A
user's edit overrides everything. A merged description has the oldest descriptions within
`summary_max_tokens`, so its length is bounded.

After a merge of two entities, the edits of one apply only to mentions by the names in
`edit_scope`; the mentions of the other are added to them. Mentions are never copied into
edits, so they disappear with their document.

The SQL constants are also used where the same rules apply to a part of the mentions:
`graph.merging.merge`, `graph.merging.summary_queue`, `retrieval.search.filtered_descriptions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection

CHARS_PER_TOKEN = 4
"""An estimate, because SQL can't count a model's tokens."""

TYPED = """m.entity_type <> 'UNKNOWN' AS typed,
        bool_or(m.entity_type <> 'UNKNOWN') OVER (PARTITION BY m.entity_id) AS any_typed"""
"""Columns for the rule that descriptions of typed mentions exclude those of others."""

SPLIT_KEYWORDS = "regexp_split_to_table(keywords, '[,，]') AS word"
UNION_KEYWORDS = "string_agg(DISTINCT trim(word), ',' ORDER BY trim(word))"
"""The merged keywords; the query must exclude words for which `trim(word)` is empty."""

JOIN_FRAGMENTS = """numbered AS (
    SELECT *, row_number() OVER oldest AS position,
        sum(length(description)) OVER oldest AS length
    FROM fragments
    WINDOW oldest AS (PARTITION BY id ORDER BY first, description)
), joined AS (
    SELECT id, count(*) AS fragments,
        string_agg(description, '<SEP>' ORDER BY position) FILTER (
            WHERE position = 1
                OR (position <= %(max_fragments)s AND length <= %(max_chars)s)
        ) AS description
    FROM numbered GROUP BY id
)"""
"""CTEs that join the rows `fragments (id, description, first)`; `first` is a chunk's id."""

ENTITIES = f"""
WITH touched AS (
    SELECT e.id, e.summary, e.summary_upto, e.edited_type, e.edited_description,
        e.edit_scope, e.summary_count > 0 AND e.summary_count = (
            SELECT count(*) FROM graph_entitymention m
            WHERE m.entity_id = e.id AND m.id <= e.summary_upto
        ) AS is_summarized,
        (SELECT count(*) FROM graph_relation r WHERE r.source_id = e.id)
        + (SELECT count(*) FROM graph_relation r WHERE r.target_id = e.id) AS degree
    FROM graph_entity e WHERE e.id = ANY(%(ids)s)
), mentions AS (
    SELECT m.entity_id, m.id, m.chunk_id, m.description, m.entity_type, m.mentioned_name,
        {TYPED}
    FROM graph_entitymention m WHERE m.entity_id = ANY(%(ids)s)
), types AS (
    SELECT entity_id, mode() WITHIN GROUP (ORDER BY entity_type) AS entity_type
    FROM mentions WHERE typed GROUP BY entity_id
), fragments AS (
    SELECT t.id, m.description, min(m.chunk_id) AS first
    FROM mentions m JOIN touched t ON t.id = m.entity_id
    WHERE m.description <> '' AND m.typed = m.any_typed AND CASE
        WHEN t.edited_description = ''
            THEN NOT (t.is_summarized AND m.id <= t.summary_upto)
        ELSE t.edit_scope <> '{{}}' AND m.mentioned_name <> ALL(t.edit_scope) END
    GROUP BY t.id, m.description
), {JOIN_FRAGMENTS}, derived AS (
    SELECT t.id, t.degree, coalesce(j.fragments, 0) AS fragments,
        coalesce(nullif(t.edited_type, ''), k.entity_type, 'UNKNOWN') AS entity_type,
        concat_ws('<SEP>', nullif(t.edited_description, ''),
            CASE WHEN t.is_summarized AND t.edited_description = '' THEN t.summary END,
            j.description) AS description,
        t.is_summarized
    FROM touched t
    LEFT JOIN joined j ON j.id = t.id
    LEFT JOIN types k ON k.entity_id = t.id
)
UPDATE graph_entity e
SET entity_type = d.entity_type, description = d.description, degree = d.degree,
    fragments = d.fragments,
    summary = CASE WHEN d.is_summarized THEN e.summary ELSE '' END,
    summary_upto = CASE WHEN d.is_summarized THEN e.summary_upto ELSE 0 END,
    summary_count = CASE WHEN d.is_summarized THEN e.summary_count ELSE 0 END,
    updated_at = now()
FROM derived d
WHERE e.id = d.id AND (
    (e.entity_type, e.description, e.degree, e.fragments, e.summary_count > 0)
    IS DISTINCT FROM
    (d.entity_type, d.description, d.degree, d.fragments, d.is_summarized)
)
"""  # noqa: S608 - constants only

RELATIONS = f"""
WITH touched AS (
    SELECT r.id, r.summary, r.summary_upto, r.edited_description, r.edited_keywords,
        r.edited_weight, r.edit_scope,
        r.summary_count > 0 AND r.summary_count = (
            SELECT count(*) FROM graph_relationmention m
            WHERE m.relation_id = r.id AND m.id <= r.summary_upto
        ) AS is_summarized
    FROM graph_relation r WHERE r.id = ANY(%(ids)s)
), mentions AS (
    SELECT m.relation_id, m.id, m.chunk_id, m.description, m.keywords, m.weight,
        t.edit_scope = '{{}}' OR ARRAY[m.mentioned_source, m.mentioned_target] <@ t.edit_scope
            AS is_overridden
    FROM graph_relationmention m JOIN touched t ON t.id = m.relation_id
), words AS (
    SELECT relation_id, {UNION_KEYWORDS} AS keywords
    FROM (
        SELECT m.relation_id, m.keywords
        FROM mentions m JOIN touched t ON t.id = m.relation_id
        WHERE t.edited_keywords = '' OR NOT m.is_overridden
        UNION ALL SELECT id, edited_keywords FROM touched WHERE edit_scope <> '{{}}'
    ) AS valid
    CROSS JOIN LATERAL {SPLIT_KEYWORDS}
    WHERE trim(word) <> '' GROUP BY relation_id
), weights AS (
    SELECT relation_id, sum(weight) AS weight FROM mentions GROUP BY relation_id
), fragments AS (
    SELECT t.id, m.description, min(m.chunk_id) AS first
    FROM mentions m JOIN touched t ON t.id = m.relation_id
    WHERE m.description <> '' AND CASE
        WHEN t.edited_description = ''
            THEN NOT (t.is_summarized AND m.id <= t.summary_upto)
        ELSE NOT m.is_overridden END
    GROUP BY t.id, m.description
), {JOIN_FRAGMENTS}, derived AS (
    SELECT t.id, t.is_summarized, coalesce(j.fragments, 0) AS fragments,
        concat_ws('<SEP>', nullif(t.edited_description, ''),
            CASE WHEN t.is_summarized AND t.edited_description = '' THEN t.summary END,
            j.description) AS description,
        CASE WHEN t.edited_keywords <> '' AND t.edit_scope = '{{}}'
            THEN t.edited_keywords ELSE coalesce(w.keywords, '') END AS keywords,
        coalesce(t.edited_weight, v.weight, 1) AS weight
    FROM touched t
    LEFT JOIN joined j ON j.id = t.id
    LEFT JOIN words w ON w.relation_id = t.id
    LEFT JOIN weights v ON v.relation_id = t.id
)
UPDATE graph_relation r
SET description = d.description, keywords = d.keywords, weight = d.weight,
    fragments = d.fragments,
    summary = CASE WHEN d.is_summarized THEN r.summary ELSE '' END,
    summary_upto = CASE WHEN d.is_summarized THEN r.summary_upto ELSE 0 END,
    summary_count = CASE WHEN d.is_summarized THEN r.summary_count ELSE 0 END,
    updated_at = now()
FROM derived d
WHERE r.id = d.id AND (
    (r.description, r.keywords, r.weight, r.fragments, r.summary_count > 0)
    IS DISTINCT FROM
    (d.description, d.keywords, d.weight, d.fragments, d.is_summarized)
)
"""  # noqa: S608 - constants only


def entities(ids: Sequence[int]) -> None:
    """Recompute the merged fields of entities in one statement; write only changed rows."""
    _execute(ENTITIES, ids)


def relations(ids: Sequence[int]) -> None:
    """Recompute the merged fields of relations in one statement; write only changed rows."""
    _execute(RELATIONS, ids)


def _execute(statement: str, ids: Sequence[int]) -> None:
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
