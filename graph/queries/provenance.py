"""Where what is known of entities and relations comes from: chunks, and their files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from documents.models import chunk_public_id_sql
from graph.models import SEPARATOR

MANUAL = "manual_creation"
"""Upstream's source of what a person made and no chunk speaks of."""

_SOURCES = """
WITH said AS (
    SELECT {owner} AS owner, chunk_id, min(id) AS first
    FROM {table} WHERE {owner} = ANY(%(ids)s) GROUP BY 1, 2
), ranked AS (
    SELECT owner, chunk_id, first,
        row_number() OVER (PARTITION BY owner ORDER BY first) AS place,
        count(*) OVER (PARTITION BY owner) AS total
    FROM said
)
SELECT r.owner, max(r.total),
    array_agg({chunk_id} ORDER BY r.first),
    array_agg(d.name ORDER BY r.first)
FROM ranked r
JOIN documents_chunk c ON c.id = r.chunk_id
JOIN documents_document d ON d.id = c.document_id
WHERE r.place <= %(most)s AND c.workspace_id = %(workspace)s
GROUP BY r.owner
"""
_CHUNK_ID = chunk_public_id_sql("d.public_id", 'c."order"')
_OF_ENTITIES = _SOURCES.format(
    table="graph_entitymention", owner="entity_id", chunk_id=_CHUNK_ID
)
_OF_RELATIONS = _SOURCES.format(
    table="graph_relationmention", owner="relation_id", chunk_id=_CHUNK_ID
)


@dataclass(frozen=True, slots=True)
class Sources:
    """Public ids of chunks and names of files, oldest first, as far as limits allow.

    `total` counts all chunks, `chunk_ids` holds `max_fragments` of them at most.
    """

    chunk_ids: tuple[str, ...] = (MANUAL,)
    file_paths: tuple[str, ...] = (MANUAL,)
    total: int = 0

    @property
    def source_id(self) -> str:
        """LightRAG's property of that name."""
        return SEPARATOR.join(self.chunk_ids)

    @property
    def file_path(self) -> str:
        """LightRAG's property of that name."""
        return SEPARATOR.join(self.file_paths)

    @property
    def truncate(self) -> str:
        """LightRAG's property of that name: empty, or how many sources are shown."""
        shown = len(self.chunk_ids)
        return f"KEEP {shown}/{self.total}" if shown < self.total else ""


MADE_BY_HAND = Sources()


def of_entities(workspace_id: int, entity_ids: Iterable[int]) -> dict[int, Sources]:
    """By entity id, one query for all. Who has no mention has the default `Sources`."""
    return _sources(_OF_ENTITIES, workspace_id, list(entity_ids))


def of_relations(workspace_id: int, relation_ids: Iterable[int]) -> dict[int, Sources]:
    """By relation id, one query for all. Who has no mention has no chunks, as upstream."""
    nobody = Sources(chunk_ids=())
    return _sources(_OF_RELATIONS, workspace_id, list(relation_ids), nobody)


def _sources(
    statement: str, workspace_id: int, ids: list[int], nobody: Sources = MADE_BY_HAND
) -> dict[int, Sources]:
    ingest = settings.LIGHTRAG.ingest
    most = ingest.max_fragments
    found = dict.fromkeys(ids, nobody)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": ids, "most": most, "workspace": workspace_id})
        for owner, total, chunk_ids, files in cursor.fetchall():
            paths = tuple(dict.fromkeys(files))[: ingest.max_file_paths]
            found[owner] = Sources(tuple(chunk_ids), paths, total)
    return found
