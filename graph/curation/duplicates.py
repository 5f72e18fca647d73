"""Detection of probable duplicates, one entity under two names, and their merge.

A merge can be undone: the merged name becomes an alias, which
`graph.curation.unmerge.split_entity` makes an entity again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_noop
from psycopg import sql

from documents.workspaces import audit
from documents.workspaces.audit import Action
from graph.curation import entity_merge
from graph.models import UNKNOWN_TYPE, DistinctNames
from retrieval.index import name_key, tables

SURE = 0.95
"""Default of the minimum confidence of an automatic merge."""

MAX_MENTIONS = 10_000
"""Upper bound on the mentions whose chunks are searched for an explanation of a name."""

# Parts of a reason, joined by ", ". Pages translate each part.
SPELLING = gettext_noop("another spelling")
FORM = gettext_noop("an article or plural")
SCRIPTS = gettext_noop("Traditional and Simplified characters")
SHORT = gettext_noop("its abbreviation")
TRANSLATED = gettext_noop("its name in another script")
IN_CHUNK = gettext_noop("according to a chunk")
OTHER_TYPE = gettext_noop("but of another type")
A_PERSON = gettext_noop("but is a person")

# Rows of one key are adjacent, the entity of the highest degree first.
SAME_KEYS = """
SELECT s.name_key, e.id, e.name, e.entity_type
FROM {named} s JOIN graph_entity e ON e.id = s.entity_id
WHERE s.name_key IN (
    SELECT name_key FROM {named} WHERE name_key IS NOT NULL
    GROUP BY name_key HAVING count(*) > 1 ORDER BY name_key LIMIT %(limit)s)
ORDER BY s.name_key, e.degree DESC, e.id
"""

# Pairs of names where a chunk explains one name by the other, as in "World Health
# Organization (WHO)", and mentions both. To bound the cost, the search starts at names
# that look like abbreviations or are in the script that fewer names use, and reads the
# newest chunks that mention them. The name in brackets may end at a comma.
EXPLAINED = """
WITH named AS MATERIALIZED (
    SELECT id, name, name ~ '[㐀-鿿]' AS han, length(name) <= 16
        AND replace(name, '.', '') ~ '^[A-Za-z&]{2,8}$' AND name ~ '[A-Z].*[A-Z]' AS short
    FROM graph_entity WHERE workspace_id = %(workspace)s
),
likely AS MATERIALIZED (
    SELECT id, name FROM named
    WHERE short OR han = (SELECT count(*) FILTER (WHERE han) * 2 < count(*) FROM named)
),
mentions AS MATERIALIZED (
    SELECT l.id, l.name, n.chunk_id
    FROM likely l JOIN graph_entitymention n ON n.entity_id = l.id
    ORDER BY n.chunk_id DESC LIMIT %(mentions)s
),
explained AS MATERIALIZED (
    SELECT s.id, c.id AS chunk_id, replace(replace(replace(
        translate(c.content, '（），', '(),'), ' (', '('), '( ', '('), ' )', ')') AS content
    FROM mentions s JOIN documents_chunk c ON c.id = s.chunk_id
    WHERE strpos(c.content, '(' || s.name) > 0 OR strpos(c.content, '（' || s.name) > 0
        OR strpos(c.content, '( ' || s.name) > 0 OR strpos(c.content, s.name || ' (') > 0
        OR strpos(c.content, s.name || '(') > 0 OR strpos(c.content, s.name || '（') > 0
)
SELECT DISTINCT pair.*
FROM explained x
JOIN graph_entity e ON e.id = x.id
JOIN graph_entitymention m ON m.chunk_id = x.chunk_id AND m.entity_id <> x.id
JOIN graph_entity o ON o.id = m.entity_id, LATERAL (VALUES
    (o.name, o.entity_type, e.name, e.entity_type),
    (e.name, e.entity_type, o.name, o.entity_type)) AS pair (long, long_type, name, type)
WHERE strpos(x.content, long || '(' || pair.name || ')') > 0
    OR strpos(x.content, long || '(' || pair.name || ',') > 0
ORDER BY long, pair.name LIMIT %(limit)s
"""

Row = tuple[str, int, str, str]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`name` is probably another name of `target`; `confidence` is from 0 to 1."""

    name: str
    target: str
    confidence: float
    reason: str


def suggest(workspace_id: int, limit: int = 1000) -> list[Suggestion]:
    """Return suggestions for up to `limit` names, the most confident first.

    Pairs that a user marked as different are excluded. Four statements.
    """
    named = tables.rows("entity", tables.index_of(workspace_id))
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(SAME_KEYS).format(named=named), {"limit": limit})
        rows: list[Row] = cursor.fetchall()
        bounds = {"workspace": workspace_id, "mentions": MAX_MENTIONS, "limit": limit}
        cursor.execute(EXPLAINED, bounds)
        explained = cursor.fetchall()
    suggestions = [
        suggestion
        for _, group in groupby(rows, key=lambda row: row[0])
        for suggestion in _of_one_key(list(group))
    ]
    suggestions += [s for row in explained for s in _of_brackets(*row)]
    excluded = _distinct_names(workspace_id)
    suggestions = [
        s for s in suggestions if frozenset((s.name, s.target)) not in excluded
    ]
    return sorted(suggestions, key=lambda s: (-s.confidence, s.target, s.name))


def apply_configured(workspace_id: int) -> bool:
    """Merge what ENTITY_RESOLUTION allows; return whether anything was merged."""
    above = settings.LIGHTRAG.ingest.resolve_above
    return bool(above and apply(workspace_id, above))


def apply(workspace_id: int, above: float = SURE) -> list[Suggestion]:
    """Merge the suggestions of at least this confidence and return them."""
    accepted = [s for s in suggest(workspace_id) if s.confidence >= above]
    by_target = sorted(accepted, key=lambda s: s.target)
    for target, group in groupby(by_target, key=lambda s: s.target):
        entity_merge.merge_entities(workspace_id, [s.name for s in group], target)
    return accepted


def mark_distinct(workspace_id: int, name: str, other: str) -> None:
    """Exclude this pair from all later suggestions."""
    with transaction.atomic():
        DistinctNames.objects.get_or_create(
            workspace_id=workspace_id, name=name, other=other
        )
        audit.record(
            Action.ENTITY_KEEP_APART, name, workspace_id=workspace_id, other=other
        )


def judge(name: str, kind: str, target: str, target_kind: str) -> tuple[float, str]:
    """Return the confidence that two names of one key are one entity, and the reason.

    The confidence is low for entities of different types, and for persons whose names
    differ by more than spelling: "Roger" and "Rogers" are different persons.
    """
    base_name, base_target = map(name_key.without_abbreviation, (name, target))
    spelled = name_key.spelling(base_name) == name_key.spelling(base_target)
    reason = SPELLING if spelled else FORM
    if UNKNOWN_TYPE not in (kind, target_kind) and kind != target_kind:
        return 0.5 if spelled else 0.3, f"{reason}, {OTHER_TYPE}"
    if spelled and "person" in (kind, target_kind) and name_key.has_chinese(name):
        return 0.8, f"{SCRIPTS}, {A_PERSON}"
    if spelled:
        return 0.98, reason
    if "person" in (kind, target_kind):
        return 0.4, f"{reason}, {A_PERSON}"
    return 0.85, reason


def _of_one_key(rows: Sequence[Row]) -> Iterator[Suggestion]:
    _, _, target, target_kind = rows[0]
    for _, _, name, kind in rows[1:]:
        confidence, reason = judge(name, kind, target, target_kind)
        yield Suggestion(name, target, confidence, reason)


def _of_brackets(
    target: str, target_kind: str, name: str, kind: str
) -> Iterator[Suggestion]:
    """Yield a suggestion if `name` is an abbreviation, or a name in another script.

    Other text in brackets, as in "Paris (France)", is another entity.
    """
    confidence, reason = judge_explained(name, kind, target, target_kind)
    if confidence and name_key.key(name) != name_key.key(target):
        yield Suggestion(name, target, confidence, reason)


def judge_explained(
    name: str, kind: str, target: str, target_kind: str
) -> tuple[float, str]:
    """Return the confidence that `target (name)` are two names of one entity, and why."""
    short = name_key.abbreviates(name, target)
    if not short and not name_key.other_script(name, target):
        return 0.0, ""
    reason = f"{SHORT if short else TRANSLATED}, {IN_CHUNK}"
    if UNKNOWN_TYPE not in (kind, target_kind) and kind != target_kind:
        return 0.6, f"{reason}, {OTHER_TYPE}"
    if "person" in (kind, target_kind):
        return 0.8, f"{reason}, {A_PERSON}"
    return (0.97 if short else 0.9), reason


def _distinct_names(workspace_id: int) -> set[frozenset[str]]:
    pairs = DistinctNames.objects.filter(workspace=workspace_id)
    return {frozenset(pair) for pair in pairs.values_list("name", "other")}
