"""Tests of shortest paths and of their plans in a large graph."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from documents.models import Workspace
from graph.errors import TooFarApart
from graph.models import Entity
from graph.queries import paths
from tests.graph.queries.test_subgraph import draw

MANY_ENTITIES = """
INSERT INTO graph_entity (workspace_id, name, entity_type, description, degree,
    fragments, summary, summary_upto, summary_count, manual, edited_type,
    edited_description, created_at, updated_at)
SELECT %s, 'n' || n, 'T', '', 8, 0, '', 0, 0, false, '', '', now(), now()
FROM generate_series(0, 19999) AS n
"""
# Each entity is related to the next one, and to three others at large distances.
MANY_RELATIONS = """
INSERT INTO graph_relation (workspace_id, source_id, target_id, description, keywords,
    weight, fragments, summary, summary_upto, summary_count, manual,
    edited_description, edited_keywords, created_at, updated_at)
SELECT DISTINCT ON (1, 2, 3) %(workspace)s, least(a, b), greatest(a, b), '', '', 1, 0,
    '', 0, 0, false, '', '', now(), now()
FROM (
    SELECT %(first)s + n AS a, %(first)s + (n::bigint * step + step) %% 20000 AS b
    FROM generate_series(0, 19999) AS n, unnest(ARRAY[1, 7919, 104729, 15485863]) AS step
) AS ends WHERE a <> b
"""


def path(entities: dict[str, Entity], start: str, end: str) -> list[str]:
    names = {entity.pk: name for name, entity in entities.items()}
    return [names[id] for id in paths.shortest(entities[start].pk, entities[end].pk)]


def test_the_shortest_path_is_found_in_both_directions(
    workspace: Workspace,
) -> None:
    entities = draw(workspace, "a-b", "b-c", "c-d", "d-e", "a-x", "x-e")
    assert path(entities, "a", "e") == ["a", "x", "e"]
    assert path(entities, "e", "a") == ["e", "x", "a"]
    assert path(entities, "b", "d") == ["b", "c", "d"]
    assert path(entities, "a", "a") == ["a"]


def test_unconnected_entities_have_no_path(workspace: Workspace) -> None:
    entities = draw(workspace, "a-b", "x-y")
    assert path(entities, "a", "y") == []


def test_a_longer_path_raises_too_far_apart(
    workspace: Workspace,
) -> None:
    chain = [f"n{n:02}-n{n + 1:02}" for n in range(paths.MAX_STEPS + 1)]
    entities = draw(workspace, *chain)
    ends = entities["n00"].pk, entities[f"n{paths.MAX_STEPS:02}"].pk
    assert len(paths.shortest(*ends)) == paths.MAX_STEPS + 1
    with pytest.raises(TooFarApart):
        paths.shortest(ends[0], entities[f"n{paths.MAX_STEPS + 1:02}"].pk)


def test_each_step_is_one_statement(
    workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    entities = draw(workspace, "a-b", "b-c", "c-d")
    with django_assert_num_queries(3):
        paths.shortest(entities["a"].pk, entities["d"].pk)


def test_among_many_entities_each_step_reads_indexes_only(
    workspace: Workspace,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE graph_entity DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE graph_relation DISABLE TRIGGER USER")
        cursor.execute(MANY_ENTITIES, [workspace.pk])
        first = Entity.objects.order_by("pk").values_list("pk", flat=True)[0]
        values = {"workspace": workspace.pk, "first": first}
        cursor.execute(MANY_RELATIONS, values)
        cursor.execute("ANALYZE graph_entity, graph_relation")
        steps = paths.shortest(first, first + 12345)
        plan = explained(first)
    assert 3 < len(steps) < 12
    assert "Seq Scan" not in plan


def explained(start: int) -> str:
    """Return the plan of a level whose frontier has a few dozen entities."""
    side = paths.EndSearch(start, {start: start}, [start])
    side.expand()
    side.expand()
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (FORMAT JSON) {paths.LEVEL}",
            {"frontier": side.frontier, "seen": list(side.via)},
        )
        return json.dumps(cursor.fetchone()[0])
