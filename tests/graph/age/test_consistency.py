"""Tests of the comparison of the AGE graph with the tables, and of its repair."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from documents.models import Workspace
from graph.age import consistency
from graph.models import Entity, Relation


@pytest.fixture
def curies(workspace: Workspace) -> Workspace:
    marie, radium = Entity.objects.bulk_create(
        [
            Entity(workspace=workspace, name=name, degree=1)
            for name in ("Marie", "Radium")
        ]
    )
    Relation.objects.create(workspace=workspace, source=marie, target=radium)
    consistency.ensure(workspace.pk)
    return workspace


def test_a_workspace_without_a_graph_has_no_differences(workspace: Workspace) -> None:
    Entity.objects.create(workspace=workspace, name="Marie")
    assert not problems(workspace)
    Entity.objects.create(workspace=workspace, name="Radium", degree=1)
    assert problems(workspace) == {"degree differs": 1}
    consistency.repair(workspace.pk)
    assert not problems(workspace)


def behind_the_triggers(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL search_path = public, ag_catalog")
        cursor.execute(statement)
        cursor.execute("SET LOCAL search_path = DEFAULT")
        cursor.execute("SET LOCAL session_replication_role = origin")


def problems(workspace: Workspace) -> dict[str, int]:
    report = consistency.check(workspace.pk)
    return {difference.problem: difference.count for difference in report.differences}


def test_triggers_keep_the_graph_equal(curies: Workspace) -> None:
    report = consistency.check(curies.pk)
    assert (report.entities, report.relations, report.differences) == (2, 1, ())


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE graph_entity SET description = 'new'", {"vertex differs": 2}),
        ("UPDATE graph_relation SET weight = 7", {"edge differs": 1}),
        ("UPDATE graph_entity SET degree = 5", {"degree differs": 2}),
        ("DELETE FROM {graph}.base", {"vertex missing": 2}),
        ('DELETE FROM {graph}."DIRECTED"', {"edge missing": 1}),
        ('UPDATE {graph}."DIRECTED" SET end_id = start_id', {"edge differs": 1}),
        ("DELETE FROM graph_relation", {"degree differs": 2, "edge extra": 1}),
        (
            "INSERT INTO {graph}._ag_label_vertex (properties) VALUES ('{{}}')",
            {"vertex extra": 1},
        ),
    ],
)
def test_every_difference_is_reported_and_repaired(
    curies: Workspace, statement: str, expected: dict[str, int]
) -> None:
    behind_the_triggers(statement.format(graph=curies.graph_name))
    assert problems(curies) == expected
    consistency.repair(curies.pk)
    assert problems(curies) == {}


def test_differences_have_examples(curies: Workspace) -> None:
    behind_the_triggers(f'DELETE FROM {curies.graph_name}."DIRECTED"')
    (difference,) = consistency.check(curies.pk).differences
    assert difference.examples == ("Marie - Radium",)


def test_triggers_work_after_a_repair(curies: Workspace) -> None:
    behind_the_triggers(f"DELETE FROM {curies.graph_name}.base")
    consistency.repair(curies.pk)
    Entity.objects.create(workspace=curies, name="Paris")
    Entity.objects.filter(name="Marie").update(description="A physicist.")
    Entity.objects.filter(name="Radium").delete()
    assert problems(curies) == {
        "degree differs": 1
    }  # deleting is graph.curation.edit's


def test_command_succeeds_for_equal_graphs(curies: Workspace) -> None:
    output = StringIO()
    call_command("check_graph", stdout=output)
    assert "tests: the graph equals the tables (2 entities, 1 relations)." in (
        output.getvalue()
    )


def test_command_prints_differences_and_fails_until_repaired(
    curies: Workspace,
) -> None:
    behind_the_triggers(f"DELETE FROM {curies.graph_name}.base")
    output = StringIO()
    with pytest.raises(CommandError, match="--repair") as caught:
        call_command("check_graph", "--workspace", "tests", stdout=output)
    assert caught.value.returncode == 1
    assert "vertex missing" in output.getvalue()
    assert "Radium" in output.getvalue()
    call_command("check_graph", "--repair", stdout=output)
    call_command("check_graph", stdout=output)


def test_command_names_an_unknown_workspace(db: None) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        call_command("check_graph", "--workspace", "nowhere")


def test_command_reports_that_there_is_no_workspace(db: None) -> None:
    output = StringIO()
    call_command("check_graph", stdout=output)
    assert output.getvalue() == "There are no workspaces.\n"


def test_names_are_not_interpreted_as_markup(workspace: Workspace) -> None:
    Entity.objects.create(workspace=workspace, name="[red]Ada[/nobody]")
    consistency.ensure(workspace.pk)
    behind_the_triggers(f"DELETE FROM {workspace.graph_name}.base")
    output = StringIO()
    with pytest.raises(CommandError):
        call_command("check_graph", stdout=output)
    assert "[red]Ada[/nobody]" in output.getvalue()
