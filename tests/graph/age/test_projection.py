"""Tests of a database that got AGE after its tables."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from documents.models import Workspace
from graph.age import consistency, projection
from graph.models import Entity, Relation

TRIGGER_FUNCTIONS = [
    f"lightrag_{table}_{event}"
    for table in ("entities", "relations")
    for event in ("inserted", "updated", "deleted")
]


@pytest.fixture
def late(workspace: Workspace) -> Workspace:
    """Return a workspace with two related entities, without the projection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lightrag_drop_graph(%s)", [workspace.graph_name])
        for name in TRIGGER_FUNCTIONS:
            cursor.execute(f"DROP FUNCTION {name}() CASCADE")
        cursor.execute("DROP FUNCTION lightrag_vertex_id, lightrag_edge_id CASCADE")
        cursor.execute("DROP FUNCTION lightrag_vertex, lightrag_edge CASCADE")
    marie, radium = Entity.objects.bulk_create(
        Entity(workspace=workspace, name=name, degree=1) for name in ("Marie", "Radium")
    )
    Relation.objects.create(workspace=workspace, source=marie, target=radium)
    return workspace


def assert_projected(workspace: Workspace) -> None:
    assert consistency.check(workspace.pk).differences == ()
    Entity.objects.create(workspace=workspace, name="Paris")
    assert consistency.check(workspace.pk).differences == ()


def test_check_reports_the_missing_projection(late: Workspace) -> None:
    (difference,) = consistency.check(late.pk).differences
    assert difference.problem == "projection missing"


def test_migrate_installs_the_projection(late: Workspace) -> None:
    output = StringIO()
    call_command("migrate", stdout=output)
    assert "Apache AGE was added: the graphs have been created." in output.getvalue()
    assert_projected(late)


def test_repair_installs_the_projection(late: Workspace) -> None:
    call_command("check_graph", "--repair", stdout=StringIO())
    assert_projected(late)


def test_an_installed_projection_is_left_alone(workspace: Workspace) -> None:
    assert projection.install() is False


def test_dropped_functions_are_installed_again(workspace: Workspace) -> None:
    """`DROP EXTENSION age CASCADE` drops these functions but no trigger."""
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION lightrag_vertex_id CASCADE")
    assert projection.install() is True
    assert_projected(workspace)
