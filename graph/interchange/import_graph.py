"""Import of a file into a workspace's graph, in one transaction.

Imported values are stored as edits of a user. Existing entities and relations are kept, or
changed to the file's values with `replace`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection, transaction

from documents.workspaces import audit, locks, workers
from documents.workspaces.audit import Action
from graph.interchange import import_statements as steps
from graph.interchange.rows import Edge, InvalidGraphFile, Node
from graph.merging import derive
from retrieval.index import search_rows
from retrieval.index.search_rows import Touched


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Numbers of created, changed and unchanged entities and relations."""

    entities_made: int
    entities_changed: int
    entities_kept: int
    relations_made: int
    relations_changed: int
    relations_kept: int


def run(
    workspace_id: int, rows: Iterable[Node | Edge], *, replace: bool = False
) -> ImportReport:
    """Import the rows and return the numbers of changes.

    The file is read before the workspace is locked. Raises InvalidGraphFile with line and
    field; then nothing was written.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(steps.TABLE)
        load(cursor, rows)
        locks.lock_and_invalidate(workspace_id)
        values = {"workspace": workspace_id, "replace": replace}
        for statement in steps.PREPARE:
            cursor.execute(statement, values)
        check(cursor, steps.NODE_CHECKS, values)
        entities = write(cursor, steps.ENTITIES, values)
        check(cursor, steps.EDGE_CHECKS, values)
        relations = write(cursor, steps.RELATIONS, values)
        cursor.execute(steps.TOUCHED, values)
        _recompute(workspace_id, Touched(*map(tuple, cursor.fetchone())))
        report = ImportReport(*entities, *relations)
        audit.record(
            Action.GRAPH_IMPORT, "", workspace_id=workspace_id, **asdict(report)
        )
    return report


def load(cursor: Any, rows: Iterable[Node | Edge]) -> None:
    """Copy the rows to the temporary table."""
    with cursor.copy(f"COPY imported ({steps.COLUMNS}) FROM STDIN") as copy:
        for number, row in enumerate(rows):
            copy.write_row((number, row.line, *columns(row)))


def columns(row: Node | Edge) -> tuple[Any, ...]:
    """Return the values of `steps.COLUMNS` from `name` on."""
    if isinstance(row, Node):
        aliases = list(dict.fromkeys(row.aliases))
        return row.name, None, row.entity_type, row.description, aliases, None, None
    description, keywords = row.description, row.keywords
    return row.source, row.target, None, description, None, keywords, row.weight


def check(cursor: Any, checks: Iterable[steps.Check], values: dict[str, Any]) -> None:
    """Raise InvalidGraphFile for the first line that violates a check."""
    for rule in checks:
        cursor.execute(rule.statement, values)
        row = cursor.fetchone()
        if row:
            raise InvalidGraphFile(row[0], rule.field, rule.problem.format(row[1]))


def write(
    cursor: Any, statements: steps.Writes, values: dict[str, Any]
) -> tuple[int, int, int]:
    """Write one kind of rows; return the numbers created, changed and unchanged."""
    cursor.execute(statements.count, values)
    total = cursor.fetchone()[0]
    cursor.execute(statements.change, values)
    changed = cursor.rowcount
    cursor.execute(statements.insert, values)
    created = cursor.rowcount
    for statement in statements.after:
        cursor.execute(statement, values)
    return created, changed, total - created - changed


def _recompute(workspace_id: int, touched: Touched) -> None:
    """Recompute merged fields and notify the workers, which embed them."""
    derive.relations(touched.relations)
    derive.entities(touched.entities)
    search_rows.invalidate(workspace_id, touched)
    workers.notify_workers()
