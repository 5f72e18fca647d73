"""Sources of entities and relations: chunks and files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from documents.models import chunk_public_id_sql
from graph.models import SEPARATOR

MANUAL = "manual_creation"
"""LightRAG's source of entities that a user created and no chunk mentions."""

_SOURCES = """
WITH mentions AS (
    SELECT {owner} AS owner, chunk_id, min(id) AS first
    FROM {table} WHERE {owner} = ANY(%(ids)s) GROUP BY 1, 2
), ranked AS (
    SELECT owner, chunk_id, first,
        row_number() OVER (PARTITION BY owner ORDER BY first) AS position,
        count(*) OVER (PARTITION BY owner) AS total
    FROM mentions
)
SELECT r.owner, max(r.total),
    array_agg({chunk_id} ORDER BY r.first),
    array_agg(d.name ORDER BY r.first)
FROM ranked r
JOIN documents_chunk c ON c.id = r.chunk_id
JOIN documents_document d ON d.id = c.document_id
WHERE r.position <= %(limit)s AND c.workspace_id = %(workspace)s
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
    """Public ids of chunks and names of files, oldest first.

    `total` is the number of all chunks, `chunk_ids` has at most `max_fragments` of them.
    """

    chunk_ids: tuple[str, ...] = (MANUAL,)
    file_paths: tuple[str, ...] = (MANUAL,)
    total: int = 0

    @property
    def source_id(self) -> str:
        """LightRAG's property `source_id`: the ids of the chunks."""
        return SEPARATOR.join(self.chunk_ids)

    @property
    def file_path(self) -> str:
        """LightRAG's property `file_path`: the names of the files."""
        return SEPARATOR.join(self.file_paths)

    @property
    def truncate(self) -> str:
        """LightRAG's property `truncate`: empty if all sources are included."""
        shown = len(self.chunk_ids)
        return f"KEEP {shown}/{self.total}" if shown < self.total else ""


CREATED_MANUALLY = Sources()


def of_entities(workspace_id: int, entity_ids: Iterable[int]) -> dict[int, Sources]:
    """Return sources by entity id, the default `Sources` without mentions. One query."""
    return _sources(_OF_ENTITIES, workspace_id, list(entity_ids))


def of_relations(workspace_id: int, relation_ids: Iterable[int]) -> dict[int, Sources]:
    """Return sources by relation id. One query.

    Relations without mentions have an empty list of chunks, as in LightRAG.
    """
    default = Sources(chunk_ids=())
    return _sources(_OF_RELATIONS, workspace_id, list(relation_ids), default)


def _sources(
    statement: str,
    workspace_id: int,
    ids: list[int],
    default: Sources = CREATED_MANUALLY,
) -> dict[int, Sources]:
    ingest = settings.LIGHTRAG.ingest
    sources = dict.fromkeys(ids, default)
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {"ids": ids, "limit": ingest.max_fragments, "workspace": workspace_id},
        )
        for owner, total, chunk_ids, files in cursor.fetchall():
            paths = tuple(dict.fromkeys(files))[: ingest.max_file_paths]
            sources[owner] = Sources(tuple(chunk_ids), paths, total)
    return sources
