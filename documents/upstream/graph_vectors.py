"""A store's vectors of entities and relations -> search rows, where the model is ours."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from django.db import transaction

from documents.models import Workspace
from documents.upstream.store import Store, Vector
from graph import locking, search_rows
from graph.search_rows import StaleRow

ROWS_AT_ONCE = 500


def reuse(store: Store, workspace: Workspace) -> int:
    """Give what has no vector the store's own; returns how many got one."""
    dimensions = workspace.embedding_dimensions
    stored = store.vectors("entities", dimensions)
    stored |= store.vectors("relationships", dimensions)
    if not stored:
        return 0
    pairs = [
        (row, stored[key])
        for row in search_rows.stale(workspace.pk)
        if (key := key_of(row, stored))
    ]
    for start in range(0, len(pairs), ROWS_AT_ONCE):
        write(workspace.pk, pairs[start : start + ROWS_AT_ONCE])
    return len(pairs)


def write(workspace_id: int, pairs: Sequence[tuple[StaleRow, Vector]]) -> None:
    with transaction.atomic():
        locking.lock(workspace_id)
        search_rows.write(
            workspace_id,
            [row for row, _ in pairs],
            np.stack([vector for _, vector in pairs]),
        )


def key_of(row: StaleRow, stored: dict[str, Vector]) -> str:
    """The store's id of this row's vector, or "" (UPSTREAM c.2, c.8)."""
    if row.kind == "entity":
        keys = [f"ent-{md5(row.name)}"]
    else:
        _, a, b = row.text.split("\n", 1)[0].rsplit("\t", 2)
        keys = [f"rel-{md5(a + b)}", f"rel-{md5(b + a)}"]
    return next((key for key in keys if key in stored), "")


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
