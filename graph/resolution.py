"""Entities that are likely one thing under two names: suggested, and merged when sure.

What is merged stays undoable: the name given up becomes an alias, which
`graph.fusion.split_entity` makes an entity again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db import connection
from psycopg import sql

from graph import fusion, sameness
from graph.models import UNKNOWN_TYPE

SURE = 0.95
"""What `apply` merges unless told otherwise."""

# Names of one key stand together; the most connected of them comes first.
SAME_KEYS = """
SELECT s.sameness, e.id, e.name, e.entity_type
FROM {named} s JOIN graph_entity e ON e.id = s.entity_id
WHERE s.sameness IN (
    SELECT sameness FROM {named} WHERE sameness IS NOT NULL
    GROUP BY sameness HAVING count(*) > 1 ORDER BY sameness LIMIT %(most)s)
ORDER BY s.sameness, e.degree DESC, e.id
"""

Row = tuple[str, int, str, str]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`name` may be `target` under another name; `confidence` is from 0 to 1."""

    name: str
    target: str
    confidence: float
    reason: str


def suggest(workspace_id: int, most: int = 1000) -> list[Suggestion]:
    """Suggestions for up to `most` names, the surest first. One statement."""
    named = sql.Identifier(f"search_entity_{workspace_id}")
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(SAME_KEYS).format(named=named), {"most": most})
        rows: list[Row] = cursor.fetchall()
    found = [
        suggestion
        for _, some in groupby(rows, key=lambda row: row[0])
        for suggestion in _of_one_key(list(some))
    ]
    return sorted(found, key=lambda one: (-one.confidence, one.target, one.name))


def apply(workspace_id: int, above: float = SURE) -> list[Suggestion]:
    """Merge what is at least so sure, and return it."""
    sure = [one for one in suggest(workspace_id) if one.confidence >= above]
    by_target = sorted(sure, key=lambda one: one.target)
    for target, some in groupby(by_target, key=lambda one: one.target):
        fusion.merge_entities(workspace_id, [one.name for one in some], target)
    return sure


def judge(name: str, kind: str, target: str, target_kind: str) -> tuple[float, str]:
    """How sure it is that two names of one key are one thing, and why.

    A plural makes another person ("Roger", "Rogers"), so people are merged by spelling
    alone; and things of different types are for a person to judge.
    """
    spelled = sameness.spelling(name) == sameness.spelling(target)
    reason = "another spelling" if spelled else "an article or a plural"
    if UNKNOWN_TYPE not in (kind, target_kind) and kind != target_kind:
        return 0.5 if spelled else 0.3, f"{reason}, but of another type"
    if spelled:
        return 0.98, reason
    if "person" in (kind, target_kind):
        return 0.4, f"{reason}, but a person"
    return 0.85, reason


def _of_one_key(rows: Sequence[Row]) -> Iterator[Suggestion]:
    _, _, target, target_kind = rows[0]
    for _, _, name, kind in rows[1:]:
        confidence, reason = judge(name, kind, target, target_kind)
        yield Suggestion(name, target, confidence, reason)
