"""Entities that are likely one thing under two names: suggested, and merged when sure.

What is merged stays undoable: the name given up becomes an alias, which
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
from graph.models import UNKNOWN_TYPE, KeptApart
from retrieval.index import name_key

SURE = 0.95
"""What `apply` merges unless told otherwise."""

MENTIONS = 10_000
"""Of likely names, which are looked through for a name that explains them."""

# Parts of a reason, joined by ", "; a page tells each in its reader's language.
SPELLING = gettext_noop("another spelling")
FORM = gettext_noop("an article or plural")
SCRIPTS = gettext_noop("Traditional and Simplified characters")
SHORT = gettext_noop("its abbreviation")
TRANSLATED = gettext_noop("its name in another script")
SAID = gettext_noop("according to a chunk")
OTHER_TYPE = gettext_noop("but of another type")
A_PERSON = gettext_noop("but is a person")

# Names of one key stand together; the most connected of them comes first.
SAME_KEYS = """
SELECT s.name_key, e.id, e.name, e.entity_type
FROM {named} s JOIN graph_entity e ON e.id = s.entity_id
WHERE s.name_key IN (
    SELECT name_key FROM {named} WHERE name_key IS NOT NULL
    GROUP BY name_key HAVING count(*) > 1 ORDER BY name_key LIMIT %(most)s)
ORDER BY s.name_key, e.degree DESC, e.id
"""

# Where a passage explains one name by another, "World Health Organization (WHO)", and
# speaks of both. Looked for where it can be: at the names that look like abbreviations, and
# those of the script that fewer names are written in; in the passages that mention them,
# the newest first. What stands in brackets ends at a comma.
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
said AS MATERIALIZED (
    SELECT l.id, l.name, n.chunk_id
    FROM likely l JOIN graph_entitymention n ON n.entity_id = l.id
    ORDER BY n.chunk_id DESC LIMIT %(mentions)s
),
explained AS MATERIALIZED (
    SELECT s.id, c.id AS chunk_id, replace(replace(replace(
        translate(c.content, '（），', '(),'), ' (', '('), '( ', '('), ' )', ')') AS content
    FROM said s JOIN documents_chunk c ON c.id = s.chunk_id
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
ORDER BY long, pair.name LIMIT %(most)s
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
    """Suggestions for up to `most` names, the surest first. Three statements.

    Never two names that a person took apart.
    """
    named = sql.Identifier(f"search_entity_{workspace_id}")
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(SAME_KEYS).format(named=named), {"most": most})
        rows: list[Row] = cursor.fetchall()
        bounds = {"workspace": workspace_id, "mentions": MENTIONS, "most": most}
        cursor.execute(EXPLAINED, bounds)
        explained = cursor.fetchall()
    found = [
        suggestion
        for _, some in groupby(rows, key=lambda row: row[0])
        for suggestion in _of_one_key(list(some))
    ]
    found += [one for row in explained for one in _of_brackets(*row)]
    apart = _kept_apart(workspace_id)
    found = [one for one in found if frozenset((one.name, one.target)) not in apart]
    return sorted(found, key=lambda one: (-one.confidence, one.target, one.name))


def settle(workspace_id: int) -> bool:
    """Merge what is as sure as ENTITY_RESOLUTION wants; whether there was anything."""
    above = settings.LIGHTRAG.ingest.resolve_above
    return bool(above and apply(workspace_id, above))


def apply(workspace_id: int, above: float = SURE) -> list[Suggestion]:
    """Merge what is at least so sure, and return it."""
    sure = [one for one in suggest(workspace_id) if one.confidence >= above]
    by_target = sorted(sure, key=lambda one: one.target)
    for target, some in groupby(by_target, key=lambda one: one.target):
        entity_merge.merge_entities(workspace_id, [one.name for one in some], target)
    return sure


def keep_apart(workspace_id: int, name: str, other: str) -> None:
    """Never suggest again that these two are one."""
    with transaction.atomic():
        KeptApart.objects.get_or_create(
            workspace_id=workspace_id, name=name, other=other
        )
        audit.record(
            Action.ENTITY_KEEP_APART, name, workspace_id=workspace_id, other=other
        )


def judge(name: str, kind: str, target: str, target_kind: str) -> tuple[float, str]:
    """How sure it is that two names of one key are one thing, and why.

    A plural makes another person ("Roger", "Rogers"), so people are merged by spelling
    alone; and things of different types are for a person to judge.
    """
    own, others = map(name_key.without_abbreviation, (name, target))
    spelled = name_key.spelling(own) == name_key.spelling(others)
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
    """What a passage puts in brackets: an abbreviation, or the name in another script.

    Anything else that stands there ("Paris (France)") is another thing.
    """
    confidence, reason = judge_explained(name, kind, target, target_kind)
    if confidence and name_key.key(name) != name_key.key(target):
        yield Suggestion(name, target, confidence, reason)


def judge_explained(
    name: str, kind: str, target: str, target_kind: str
) -> tuple[float, str]:
    """How sure it is that `target (name)` names one thing twice, and why; 0 for no."""
    short = name_key.abbreviates(name, target)
    if not short and not name_key.other_script(name, target):
        return 0.0, ""
    reason = f"{SHORT if short else TRANSLATED}, {SAID}"
    if UNKNOWN_TYPE not in (kind, target_kind) and kind != target_kind:
        return 0.6, f"{reason}, {OTHER_TYPE}"
    if "person" in (kind, target_kind):
        return 0.8, f"{reason}, {A_PERSON}"
    return (0.97 if short else 0.9), reason


def _kept_apart(workspace_id: int) -> set[frozenset[str]]:
    pairs = KeptApart.objects.filter(workspace=workspace_id)
    return {frozenset(pair) for pair in pairs.values_list("name", "other")}
