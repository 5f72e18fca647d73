"""A store's vectors of entities and relations -> search rows, where the model is ours."""

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
    """Give what has no vector the store's own; returns how many got one."""
    dimensions = workspace.embedding_dimensions
    stored = store.vectors("entities", dimensions)
    stored |= store.vectors("relationships", dimensions)
    if not stored:
        return 0
    rows = [row for row in search_rows.stale(workspace.pk) if row.kind != "chunk"]
    ends = ends_of(rows)
    pairs = [
        (row, stored[key])
        for row in rows
        for key in keys_of(row, ends)
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


def ends_of(rows: Sequence[StaleRow]) -> dict[int, tuple[str, str]]:
    """The names of the relations' ends by the relations' ids. One query."""
    ids = [row.id for row in rows if row.kind == "relation"]
    found = Relation.objects.filter(pk__in=ids)
    return {
        pk: (source, target)
        for pk, source, target in found.values_list(
            "pk", "source__name", "target__name"
        )
    }


def keys_of(row: StaleRow, ends: dict[int, tuple[str, str]]) -> list[str]:
    """The ids LightRAG may have given this row's vector (docs/lightrag.md C.2).

    Of a relation's two it keeps one: the other is deleted at each upsert.
    """
    if row.kind == "entity":
        return [f"ent-{md5(row.name)}"]
    source, target = ends[row.id]
    return [f"rel-{md5(source + target)}", f"rel-{md5(target + source)}"]


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
