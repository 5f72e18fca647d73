"""Tests that triggers keep the AGE graph equal to the tables."""

from __future__ import annotations

from django.db import connection

import retrieval.index.own_tables
from documents.models import Workspace
from graph.age import consistency
from graph.models import Entity, Relation
from tests import own_tables


def vertices(workspace: Workspace) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT properties::text::json ->> 'entity_id' FROM {workspace.graph_name}"
            ".base ORDER BY 1"
        )
        return [row[0] for row in cursor.fetchall()]


def edges(workspace: Workspace) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM {workspace.graph_name}."DIRECTED"')
        return int(cursor.fetchone()[0])


def pair(workspace: Workspace) -> tuple[Entity, Entity]:
    consistency.ensure(workspace.pk)
    a, b = Entity.objects.bulk_create(
        [Entity(workspace=workspace, name=name) for name in ("A", "B")]
    )
    Relation.objects.create(workspace=workspace, source=a, target=b)
    return a, b


def test_inserted_entities_and_relations_are_vertices_and_edges(
    workspace: Workspace,
) -> None:
    pair(workspace)
    assert vertices(workspace) == ["A", "B"]
    assert edges(workspace) == 1


def test_a_renamed_entity_is_a_renamed_vertex(workspace: Workspace) -> None:
    pair(workspace)
    Entity.objects.filter(name="A").update(name="C")
    assert vertices(workspace) == ["B", "C"]


def test_deleting_an_entity_deletes_its_vertex_and_edges(
    workspace: Workspace,
) -> None:
    a, _ = pair(workspace)
    a.delete()
    assert vertices(workspace) == ["B"]
    assert edges(workspace) == 0


def test_deleting_a_workspace_drops_its_graph_and_search_tables(
    workspace: Workspace,
) -> None:
    pair(workspace)
    index = own_tables.give(workspace)
    graph = workspace.graph_name
    workspace.delete()
    retrieval.index.own_tables.work(lambda: False)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_regnamespace(%s), to_regclass(%s)",
            [graph, f"search_chunk_{index}"],
        )
        assert cursor.fetchone() == (None, None)


def test_vertices_and_edges_are_found_by_index_in_every_version_of_age(
    workspace: Workspace,
) -> None:
    consistency.ensure(workspace.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.indrelid::regclass::text, a.attname FROM pg_index i"
            " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
            " JOIN pg_class c ON c.oid = i.indrelid"
            " WHERE c.relnamespace = %s::regnamespace",
            [workspace.graph_name],
        )
        indexes = set(cursor.fetchall())
    graph = workspace.graph_name
    assert {
        (f"{graph}.base", "id"),
        (f'{graph}."DIRECTED"', "id"),
        (f'{graph}."DIRECTED"', "start_id"),
        (f'{graph}."DIRECTED"', "end_id"),
    } <= indexes
