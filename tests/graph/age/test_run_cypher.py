"""Tests of read-only Cypher queries."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from hypothesis import example, given
from hypothesis import strategies as st
from psycopg import sql

from documents.models import Workspace
from graph.age import agtype, consistency, cypher_guard, cypher_session, run_cypher
from graph.age.errors import CypherTimeout, CypherUnavailable, InvalidCypher
from graph.models import Entity, Relation


@pytest.fixture
def curies(workspace: Workspace) -> Workspace:
    marie, radium = Entity.objects.bulk_create(
        [
            Entity(
                workspace=workspace, name='Marie "M." Curie', description="居里\n夫人"
            ),
            Entity(workspace=workspace, name="Radium"),
        ]
    )
    Relation.objects.create(
        workspace=workspace, source=marie, target=radium, keywords="found", weight=2
    )
    consistency.ensure(workspace.pk)
    return workspace


def rows(
    workspace: Workspace, query: str, params: Mapping[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    return list(run_cypher.run(workspace.pk, query, params).rows)


def test_vertices_edges_and_paths_come_as_models(curies: Workspace) -> None:
    query = "MATCH p = (a)-[r]->(b) RETURN a, r AS found, p, a.entity_id"
    result = run_cypher.run(curies.pk, query)
    assert result.columns == ("a", "found", "p", "a.entity_id")
    ((vertex, edge, path, name),) = result.rows
    classes = agtype.classes()
    assert isinstance(vertex, classes.Vertex)
    assert isinstance(edge, classes.Edge)
    assert isinstance(path, classes.Path)
    assert name == vertex["entity_id"] == 'Marie "M." Curie'
    assert vertex["description"] == "居里\n夫人"
    assert (edge.start_id, edge["weight"]) == (vertex.id, 2.0)
    assert [part.id for part in path] == [vertex.id, edge.id, edge.end_id]


def test_models_are_converted_to_json_values(curies: Workspace) -> None:
    ((path,),) = rows(curies, "MATCH p = (a)-[r]->(b) RETURN p")
    start, edge, end = agtype.plain(path)
    assert start["properties"]["entity_id"] == 'Marie "M." Curie'
    assert edge["label"] == "DIRECTED"
    assert (edge["start_id"], edge["end_id"]) == (start["id"], end["id"])


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("RETURN 7 % 4", 3),
        ("RETURN 1.5 AS x;", 1.5),
        ("RETURN true", True),
        ("RETURN null", None),
        ("RETURN [1, {a: 'b'}]", [1, {"a": "b"}]),
        ("RETURN 'it is ::vertex }::edge' // why", "it is ::vertex }::edge"),
        ('RETURN "\\"q\\" \\\\ \'" /* RETURN 2 */', '"q" \\ \''),
        ("RETURN $given", {"a": [1, None, '"']}),
        ("MATCH (n:base) WHERE n.entity_id STARTS WITH 'Rad' RETURN count(*)", 1),
        ("MATCH (n {entity_id: 'Radium'}) RETURN n.`entity_id`", "Radium"),
        ("MATCH (n) WHERE n.`set` IS NULL RETURN {set: count(n)}", {"set": 2}),
    ],
)
def test_values_of_all_types_are_parsed(
    curies: Workspace, query: str, value: object
) -> None:
    assert rows(curies, query, {"given": {"a": [1, None, '"']}}) == [(value,)]


@pytest.mark.parametrize(
    "name", ["Radium", "'}) RETURN 1 //", "$$", "%s", "\\", "x' OR 1=1"]
)
def test_text_is_passed_as_a_parameter(curies: Workspace, name: str) -> None:
    query = "MATCH (n) WHERE n.entity_id = $name RETURN n.entity_id"
    assert rows(curies, query, {"name": name}) == (
        [(name,)] if name == "Radium" else []
    )


def test_rows_are_limited_and_the_result_is_marked(curies: Workspace) -> None:
    cut = run_cypher.run(curies.pk, "MATCH (n) RETURN n", limit=1)
    assert (len(cut.rows), cut.is_truncated) == (1, True)
    whole = run_cypher.run(curies.pk, "MATCH (n) RETURN n", limit=2)
    assert (len(whole.rows), whole.is_truncated) == (2, False)


def test_a_slow_query_is_cancelled(workspace: Workspace) -> None:
    Entity.objects.bulk_create(
        [Entity(workspace=workspace, name=f"E{n}") for n in range(60)]
    )
    with pytest.raises(CypherTimeout):
        run_cypher.run(
            workspace.pk,
            "MATCH (a), (b), (c), (d), (e) RETURN count(*)",
            timeout_ms=200,
        )
    assert rows(workspace, "MATCH (n) RETURN count(n)") == [(60,)]


@pytest.mark.parametrize(
    "query",
    [
        "CREATE (n:base {entity_id: 'x'}) RETURN n",
        "MATCH (n) SET n.entity_id = 'x' RETURN n",
        "MATCH (n) DETACH DELETE n RETURN 1",
        "MATCH (n) remove n.entity_id RETURN n",
        "MERGE (n:base {entity_id: 'x'}) RETURN n",
        "MATCH (n) /* ' */ CREATE (m) RETURN n // '",
        "MATCH (n:`x`) CREATE (m) RETURN n",
        "EXPLAIN ANALYZE MATCH (n) RETURN n",
    ],
)
def test_writing_is_refused(curies: Workspace, query: str) -> None:
    with pytest.raises(InvalidCypher, match="read-only"):
        run_cypher.run(curies.pk, query)


@pytest.mark.parametrize(
    "query",
    [
        "CREATE (n:base {entity_id: 'x'}) RETURN n",
        "MATCH (n) SET n.entity_id = 'x' RETURN n",
        "MATCH (n) DETACH DELETE n RETURN 1",
        "MERGE (n:base {entity_id: 'x'}) RETURN n",
        "CREATE (n:fresh) RETURN n",
    ],
)
def test_transaction_refuses_writes_that_the_check_misses(
    curies: Workspace, query: str
) -> None:
    unchecked = cypher_guard.CheckedQuery(query, ("n",))
    statement = run_cypher._statement(curies.graph_name, unchecked, 10)
    with pytest.raises(InvalidCypher, match=r"read-only|permission denied"):
        run_cypher._rows(curies.graph_name, statement, "{}", 1000)
    assert rows(curies, "MATCH (n) WHERE n.entity_id <> 'x' RETURN count(n)") == [(2,)]


@pytest.mark.parametrize(
    "query",
    [
        "RETURN pg_catalog.current_database()",
        "RETURN pg_catalog . /**/ `current_database` ()",
        "RETURN `pg_catalog`.`pg_sleep`(1)",
        "RETURN ag_catalog.age_graph_stats('workspace_1')",
        "RETURN graph_stats('workspace_1')",
        "RETURN Delete_Global_Graphs('workspace_1')",
        "CALL pg_catalog.pg_sleep(1) YIELD x RETURN x",
        "MATCH (n) RETURN query_to_xml('SELECT 1')",
    ],
)
def test_functions_outside_the_allowed_list_are_refused(
    curies: Workspace, query: str
) -> None:
    with pytest.raises(InvalidCypher, match="not allowed"):
        run_cypher.run(curies.pk, query)


@pytest.mark.parametrize(
    "query",
    [
        "RETURN 1 $$) AS (a agtype); SELECT 1; --",
        "RETURN 1 $cypher_00$) AS (a agtype) UNION SELECT secret FROM t --",
        "RETURN 1; SELECT 1",
        "RETURN 1 -- SELECT",
        "SELECT * FROM documents_document",
        "RETURN 'open",
        "RETURN 1 /* open",
        "RETURN '\x00'",
        "RETURN '\ud800'",
        "RETURN *",
        "RETURN",
        "RETURN 1,",
        "",
        "MATCH (n)",
        "RETURN 1, 2)",
        "RETURN nobody",
        f"RETURN {'[' * 9000}{']' * 9000}",
        f"RETURN {'[' * 1500}{']' * 1500}",
        "RETURN 1 " + " " * 30_000 + "+ 1",
    ],
)
def test_anything_but_a_single_query_is_refused(curies: Workspace, query: str) -> None:
    with pytest.raises(InvalidCypher):
        run_cypher.run(curies.pk, query)
    assert rows(curies, "RETURN 1") == [(1,)]


@pytest.mark.parametrize("text", ["\x00", "\ud800"])
def test_a_parameter_that_cannot_be_stored_is_refused(
    curies: Workspace, text: str
) -> None:
    with pytest.raises(InvalidCypher):
        run_cypher.run(curies.pk, "RETURN $x", {"x": text})


def test_other_workspaces_are_not_readable(curies: Workspace) -> None:
    other = Workspace.objects.create(
        name="other", embedding_model="fake:hash", embedding_dimensions=64
    )
    assert rows(other, "MATCH (n) RETURN n") == []
    assert rows(other, "MATCH (n) WHERE id(n) > 0 RETURN n") == []


def test_a_query_leaves_no_setting_in_the_connection(curies: Workspace) -> None:
    with transaction.atomic():
        rows(curies, "RETURN 1")
        Entity.objects.create(workspace=curies, name="written after")
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("0",)
    assert rows(curies, "MATCH (n) RETURN count(n)") == [(3,)]


def test_both_forms_of_a_name_condition_use_the_index(curies: Workspace) -> None:
    Entity.objects.bulk_create(
        [Entity(workspace=curies, name=f"E{number}") for number in range(2000)]
    )
    for query in (
        "MATCH (n:base {entity_id: 'E7'}) RETURN n",
        "MATCH (n:base) WHERE n.entity_id = 'E7' RETURN n",
    ):
        checked = cypher_guard.check(query)
        statement = run_cypher._statement(curies.graph_name, checked, 10)
        with (
            cypher_session.open_session(curies.graph_name, 1000) as session,
            psycopg.Cursor(session) as cursor,
        ):
            # Without it, the plan depends on when autovacuum analyzed the label.
            cursor.execute("SET LOCAL enable_seqscan = off")
            lines = cursor.execute(sql.SQL("EXPLAIN ") + statement, ["{}"]).fetchall()
        assert "base_entity_id" in "\n".join(str(line[0]) for line in lines)


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "age", None)
    agtype.classes.cache_clear()
    yield
    agtype.classes.cache_clear()


@pytest.mark.usefixtures("no_package")
def test_a_missing_package_is_named_with_its_installation(curies: Workspace) -> None:
    with pytest.raises(CypherUnavailable, match="pip install"):
        run_cypher.run(curies.pk, "MATCH (n) RETURN n")


cypher_like = st.lists(
    st.sampled_from(
        [
            *("MATCH", "RETURN", "CREATE", "WITH", "AS", "a", "b", "count", "pg_sleep"),
            *("(", ")", "[", "]", "{", "}", ",", ".", ":", "-", ">", "$x", "$$", "`q`"),
            *("'s'", "'", '"', "\\", "/*", "*/", "//", "\n", " ", "1", "1.5", "*", ";"),
        ]
    ),
    max_size=30,
).map("".join)


@given(cypher_like | st.text(max_size=40))
@example("RETURN/*")
@example("RETURN(//")
def test_checked_queries_pass_the_check_again(query: str) -> None:
    try:
        checked = cypher_guard.check(query)
    except InvalidCypher:
        return
    assert cypher_guard.check(checked.text) == checked
    bare = re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`", "", checked.text)
    assert not re.search(r"/\*|//|;|\$\$|\bpg_sleep\s*\(", bare, re.I)
