"""Move a workspace that has become large to search tables of its own.

The writer that makes a workspace large requests an index (`request_if_large`). A worker
fills it beside the one in use, builds its search indexes, and switches in one short
transaction; queries use the old index until then and the new one afterwards. Each step is
a transaction and can be repeated, so a worker continues what another one has begun.
Replaced indexes are deleted in batches.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg import sql
from psycopg.errors import LockNotAvailable

from documents.models import Workspace
from documents.workspaces import locks
from retrieval.index import tables
from retrieval.index.tables import KINDS, Kind
from retrieval.models import SearchIndex

LIMITS: dict[Kind, int] = {"chunk": 500, "entity": 1000, "relation": 1000}
"""Upper bounds on the rows of an index in the shared tables (docs/adr/0015)."""
COPY_ROWS = 5000
"""Rows of a kind that one transaction copies."""
DELETE_ROWS = 2000
"""Rows of a kind that one transaction deletes."""
LOCK_TIMEOUT = "250ms"
"""Timeout for locks that other transactions wait behind; later attempts follow."""

State = SearchIndex.State
logger = logging.getLogger(__name__)

IS_LARGE = " OR ".join(
    f"(SELECT count(*) FROM (SELECT FROM search_{kind}_shared"  # noqa: S608 - constants
    f" WHERE index_id = w.search_index LIMIT {limit + 1}) s) > {limit}"
    for kind, limit in LIMITS.items()
)

REQUEST = f"""
INSERT INTO retrieval_searchindex
    (id, workspace_id, state, embedding_model, embedding_dimensions)
SELECT nextval('search_index_id'), w.id, '{State.BUILDING}', w.embedding_model,
    w.embedding_dimensions
FROM documents_workspace w
WHERE w.id = %s AND w.search_index < 0 AND ({IS_LARGE})
    AND NOT EXISTS (SELECT FROM retrieval_searchindex i
        WHERE i.workspace_id = w.id AND i.state = '{State.BUILDING}')
ON CONFLICT DO NOTHING
"""  # noqa: S608 - constants only

# A changed row has another hash, or has gained or lost its vector.
COPY = """
WITH batch AS (
    SELECT s.* FROM {old} s LEFT JOIN {parent} n
        ON n.index_id = %(new)s AND n.{id} = s.{id}
    WHERE s.{id} > %(after)s AND (n.{id} IS NULL OR n.text_hash <> s.text_hash
        OR (n.vector IS NULL) <> (s.vector IS NULL))
    ORDER BY s.{id} LIMIT %(limit)s
), copied AS (
    INSERT INTO {parent} (index_id, {id}, {columns})
    SELECT %(new)s, {id}, {columns} FROM batch
    ON CONFLICT (index_id, {id}) DO UPDATE SET {changes}
)
SELECT count(*), coalesce(max({id}), 0) FROM batch
"""

# An index in use is never changed here, whatever a worker has read before.
LOCK = """
SELECT pg_try_advisory_xact_lock(hashtext('lightrag.build'), hashint8(%(id)s))
    AND EXISTS (SELECT FROM retrieval_searchindex WHERE id = %(id)s AND state = %(state)s)
    AND NOT EXISTS (SELECT FROM documents_workspace WHERE search_index = %(id)s)
"""

DELETE_ORPHANS = """
DELETE FROM {parent} n WHERE n.index_id = %(new)s
    AND NOT EXISTS (SELECT FROM {old} s WHERE s.{id} = n.{id})
"""


def request_if_large(workspace_id: int) -> None:
    """Request an index with tables of its own if the shared tables hold too many rows.

    Call it in the transaction that adds search rows.
    """
    with connection.cursor() as cursor:
        cursor.execute(REQUEST, [workspace_id])


class Interrupted(Exception):
    """The worker stops, or another worker works on the index or has finished it."""


def work(should_stop: Callable[[], bool]) -> list[int]:
    """Build the requested indexes, delete replaced ones, and count the words of grown ones.

    Return the workspaces that were moved to tables of their own.
    """
    moved = []
    for index in SearchIndex.objects.order_by("pk"):
        with suppress(Interrupted):
            if index.state == State.RETIRED:
                delete(index, should_stop)
            elif build(index, should_stop):
                moved.append(index.workspace_id)
    tables.recount_words()
    return moved


def build(index: SearchIndex, should_stop: Callable[[], bool]) -> bool:
    """Fill the index from the one in use, and switch to it; return whether it was done.

    An index for another embedding model is left to `retrieval.index.reembed`.
    """
    with step(index, should_stop):
        workspace = Workspace.objects.filter(pk=index.workspace_id).first()
        if workspace is None or not tables.is_shared(workspace.search_index):
            retire(index)
            return False
        if workspace.embedding_model != index.embedding_model:
            return False
        tables.make(index.pk)
    for kind in KINDS:
        copy(kind, index, workspace.search_index, should_stop)
    with step(index, should_stop):
        tables.make_search_indexes(index.pk, index.embedding_dimensions)
    with step(index, should_stop):
        switch(index, workspace.search_index)
    logger.info("Workspace %s has search tables of its own", workspace.name)
    return True


def copy(
    kind: Kind, index: SearchIndex, old: int, should_stop: Callable[[], bool]
) -> None:
    """Copy the rows of a kind in batches."""
    after, count = 0, COPY_ROWS
    while count == COPY_ROWS:
        with step(index, should_stop):
            count, after = copy_rows(kind, old, index.pk, after, COPY_ROWS)


def switch(index: SearchIndex, old: int) -> None:
    """Copy what has changed meanwhile, and let queries use the index.

    Writers of the workspace wait for the transaction; queries don't.
    """
    locks.lock_workspace(index.workspace_id)
    if tables.index_of(index.workspace_id) != old:
        raise Interrupted
    for kind in KINDS:
        synchronize(kind, old, index.pk)
    use(index, old)


def use(index: SearchIndex, old: int) -> None:
    """Make the index the one that the workspace uses, and retire the old one."""
    Workspace.objects.filter(pk=index.workspace_id).update(
        search_index=index.pk,
        embedding_model=index.embedding_model,
        embedding_dimensions=index.embedding_dimensions,
    )
    index.delete()
    retire(SearchIndex(old, index.workspace_id, State.RETIRED, "", 0))


def retire(index: SearchIndex) -> None:
    """Let a worker delete the rows of the index."""
    SearchIndex.objects.update_or_create(
        pk=index.pk,
        defaults={
            "workspace_id": index.workspace_id,
            "state": State.RETIRED,
            "embedding_model": index.embedding_model,
            "embedding_dimensions": index.embedding_dimensions,
        },
    )


def retire_current(workspace_id: int) -> None:
    """Let a worker delete the index in use, and one that is being built."""
    SearchIndex.objects.filter(workspace_id=workspace_id).update(state=State.RETIRED)
    current = tables.index_of(workspace_id)
    retire(SearchIndex(current, workspace_id, State.RETIRED, "", 0))


def synchronize(kind: Kind, old: int, new: int) -> None:
    """Make the rows of the new index equal to those of the old one."""
    copy_rows(kind, old, new, 0, None)
    delete_orphans(kind, old, new)


def delete_orphans(kind: Kind, old: int, new: int) -> None:
    """Delete the rows of the new index that the old one does not have."""
    execute(DELETE_ORPHANS, kind, old, {"new": new})


def copy_rows(
    kind: Kind, old: int, new: int, after: int, limit: int | None
) -> tuple[int, int]:
    """Copy missing and changed rows with ids above `after`; return number and last id."""
    values = {"new": new, "after": after, "limit": limit}
    count, last = execute(COPY, kind, old, values)
    return count, last


def delete(index: SearchIndex, should_stop: Callable[[], bool]) -> None:
    """Delete the rows or tables of a retired index, once no query reads them."""
    wait_for_queries(index)
    if not tables.is_shared(index.pk):
        with interrupt_on_lock_timeout(), step(index, should_stop):
            tables.drop(index.pk)
            forget(index)
        return
    is_empty = False
    while not is_empty:
        with step(index, should_stop):
            is_empty = not tables.delete_shared(index.pk, DELETE_ROWS)
            if is_empty:
                forget(index)


def forget(index: SearchIndex) -> None:
    """Delete the record of a deleted index, and the AGE graph of a deleted workspace."""
    index.delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lightrag_drop_graph('workspace_' || %(id)s)"
            " WHERE NOT EXISTS (SELECT FROM documents_workspace WHERE id = %(id)s)",
            {"id": index.workspace_id},
        )


def wait_for_queries(index: SearchIndex) -> None:
    """Wait for the queries that began before the switch."""
    with interrupt_on_lock_timeout(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT lightrag_exclusive_search_lock(%s)", [index.workspace_id]
        )


@contextmanager
def step(index: SearchIndex, should_stop: Callable[[], bool]) -> Iterator[None]:
    """Begin a transaction in which no other worker works on the index."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK, {"id": index.pk, "state": index.state})
        if should_stop() or cursor.fetchone() != (True,):
            raise Interrupted
        yield


@contextmanager
def interrupt_on_lock_timeout() -> Iterator[None]:
    """Begin a transaction that waits at most LOCK_TIMEOUT for a lock, then is given up."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            yield
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise Interrupted from error


def execute(
    statement: str, kind: Kind, old: int, values: dict[str, Any]
) -> tuple[Any, ...]:
    columns = tables.COLUMNS[kind]
    composed = sql.SQL(statement).format(
        old=tables.rows(kind, old),
        parent=sql.Identifier(f"search_{kind}"),
        id=sql.Identifier(f"{kind}_id"),
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        changes=sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name))
            for name in columns
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute(composed, values)
        return tuple(cursor.fetchone()) if cursor.description else ()
