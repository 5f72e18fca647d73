"""Copy the store's vectors of entities and relations to the search rows."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from django.db import transaction

from documents.importers.lightrag.store import Store, Vector
from documents.models import Workspace
from documents.workspaces import locks
from graph.models import Relation
from retrieval.index import search_rows
from retrieval.index.search_rows import StaleRow

ROWS_AT_ONCE = 500


def reuse(store: Store, workspace: Workspace) -> int:
    """Copy vectors to the search rows that have none; return the number copied.

    The store's vectors must be those of the workspace's embedding model.
    """
    dimensions = workspace.embedding_dimensions
    stored = store.vectors("entities", dimensions)
    stored |= store.vectors("relationships", dimensions)
    if not stored:
        return 0
    rows = [row for row in search_rows.stale(workspace.pk) if row.kind != "chunk"]
    ends = relation_ends(rows)
    pairs = [
        (row, stored[key])
        for row in rows
        for key in vector_ids(row, ends)
        if key in stored
    ]
    for start in range(0, len(pairs), ROWS_AT_ONCE):
        write(workspace, pairs[start : start + ROWS_AT_ONCE])
    return len(pairs)


def write(workspace: Workspace, pairs: Sequence[tuple[StaleRow, Vector]]) -> None:
    with transaction.atomic():
        locks.lock_and_invalidate(workspace.pk)
        search_rows.write(
            workspace.pk,
            workspace.embedding_model,
            [row for row, _ in pairs],
            np.stack([vector for _, vector in pairs]),
        )


def relation_ends(rows: Sequence[StaleRow]) -> dict[int, tuple[str, str]]:
    """Return source and target names by relation id. One query."""
    relation_ids = [row.id for row in rows if row.kind == "relation"]
    relations = Relation.objects.filter(pk__in=relation_ids)
    return {
        pk: (source, target)
        for pk, source, target in relations.values_list(
            "pk", "source__name", "target__name"
        )
    }


def vector_ids(row: StaleRow, ends: dict[int, tuple[str, str]]) -> list[str]:
    """Return the ids that LightRAG may use for this row's vector (docs/lightrag.md C.2).

    A relation has two possible ids. LightRAG keeps one: each upsert deletes the other.
    """
    if row.kind == "entity":
        return [f"ent-{md5(row.name)}"]
    source, target = ends[row.id]
    return [f"rel-{md5(source + target)}", f"rel-{md5(target + source)}"]


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
