"""A file -> a workspace's graph: all of it in one transaction, or nothing.

What it brings counts as a person's words. An entity or relation that is there already
is kept as it is, or given the file's words with `replace`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection, transaction

from documents.workspaces import audit, locks, notify
from documents.workspaces.audit import Action
from graph.interchange import import_statements as steps
from graph.interchange.rows import Edge, InvalidGraphFile, Node
from graph.merging import derive
from retrieval.index import search_rows
from retrieval.index.search_rows import Touched


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many were made, given other words, and left as they were."""

    entities_made: int
    entities_changed: int
    entities_kept: int
    relations_made: int
    relations_changed: int
    relations_kept: int


def run(
    workspace_id: int, found: Iterable[Node | Edge], *, replace: bool = False
) -> ImportReport:
    """Raises InvalidGraphFile, with the line and the field, and has then written nothing.

    The file is read before the workspace's lock is taken.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(steps.TABLE)
        load(cursor, found)
        locks.lock_and_invalidate(workspace_id)
        values = {"workspace": workspace_id, "replace": replace}
        for statement in steps.PREPARE:
            cursor.execute(statement, values)
        check(cursor, steps.NODE_CHECKS, values)
        entities = write(cursor, steps.ENTITIES, values)
        check(cursor, steps.EDGE_CHECKS, values)
        relations = write(cursor, steps.RELATIONS, values)
        cursor.execute(steps.TOUCHED, values)
        settle(workspace_id, Touched(*map(tuple, cursor.fetchone())))
        report = ImportReport(*entities, *relations)
        audit.record(
            Action.GRAPH_IMPORT, "", workspace_id=workspace_id, **asdict(report)
        )
    return report


def load(cursor: Any, found: Iterable[Node | Edge]) -> None:
    """Into the temporary table, as they come."""
    with cursor.copy(f"COPY imported ({steps.COLUMNS}) FROM STDIN") as copy:
        for number, one in enumerate(found):
            copy.write_row((number, one.line, *columns(one)))


def columns(one: Node | Edge) -> tuple[Any, ...]:
    """From `name` on, as `steps.COLUMNS` has them."""
    if isinstance(one, Node):
        aliases = list(dict.fromkeys(one.aliases))
        return one.name, None, one.entity_type, one.description, aliases, None, None
    description, keywords = one.description, one.keywords
    return one.source, one.target, None, description, None, keywords, one.weight


def check(cursor: Any, checks: Iterable[steps.Check], values: dict[str, Any]) -> None:
    """Raises InvalidGraphFile with the first line that breaks one."""
    for rule in checks:
        cursor.execute(rule.statement, values)
        row = cursor.fetchone()
        if row:
            raise InvalidGraphFile(row[0], rule.field, rule.problem.format(row[1]))


def write(
    cursor: Any, statements: steps.Writes, values: dict[str, Any]
) -> tuple[int, int, int]:
    """How many were made, changed and kept."""
    cursor.execute(statements.count, values)
    total = cursor.fetchone()[0]
    cursor.execute(statements.change, values)
    changed = cursor.rowcount
    cursor.execute(statements.make, values)
    made = cursor.rowcount
    for statement in statements.after:
        cursor.execute(statement, values)
    return made, changed, total - made - changed


def settle(workspace_id: int, touched: Touched) -> None:
    """Derive what the file touched anew; a worker makes the vectors."""
    derive.relations(touched.relations)
    derive.entities(touched.entities)
    search_rows.invalidate(workspace_id, touched)
    notify.notify_workers()
