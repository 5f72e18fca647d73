"""Tests of the rights and limits of Cypher queries, in sessions of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from django.db import connection

from documents.models import Workspace
from documents.workspaces import audit
from documents.workspaces.audit import Actor, Kind
from graph.age import consistency, cypher_guard, cypher_session, run_cypher
from graph.age.errors import CypherBusy, CypherTimeout, InvalidCypher
from graph.models import Entity

CAN_LIMIT = Path("/proc/self/statm").exists()


@pytest.fixture
def workspace(committed_workspace: Workspace) -> Workspace:
    Entity.objects.bulk_create(
        [Entity(workspace=committed_workspace, name=f"E{n}") for n in range(60)]
    )
    consistency.ensure(committed_workspace.pk)
    return committed_workspace


@pytest.fixture
def reader(workspace: Workspace) -> Iterator[psycopg.Connection]:
    """Yield the session of a query, with its role and its limits."""
    with cypher_session.open_session(workspace.graph_name, 5000) as session:
        yield session


def test_committed_entities_are_found(workspace: Workspace) -> None:
    assert run_cypher.run(workspace.pk, "MATCH (n) RETURN count(n)").rows == ((60,),)


def test_the_role_is_no_superuser_and_reads_only_graphs(
    workspace: Workspace, reader: psycopg.Connection
) -> None:
    query = (
        "SELECT current_user::text, rolsuper FROM pg_roles WHERE rolname = current_user"
    )
    assert reader.execute(query).fetchone() == (cypher_session.READER, False)
    rows = reader.execute(f"SELECT count(*) FROM {workspace.graph_name}.base")
    assert rows.fetchone() == (60,)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM documents_document",
        "SELECT * FROM public.auth_user",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "DELETE FROM {graph}.base",
        "CREATE TABLE ag_catalog.t (a int)",
        "CREATE TEMPORARY TABLE t (a int)",
        "SELECT lo_from_bytea(0, 'x')",
    ],
)
def test_the_role_may_do_nothing_else(
    workspace: Workspace, reader: psycopg.Connection, statement: str
) -> None:
    with pytest.raises(psycopg.Error), reader.transaction():
        reader.execute(statement.format(graph=workspace.graph_name))


def test_a_write_that_the_check_misses_is_refused_by_the_database(
    workspace: Workspace,
) -> None:
    query = cypher_guard.CheckedQuery("MATCH (n) SET n.x = 1 RETURN n", ("n",))
    statement = run_cypher._statement(workspace.graph_name, query, 10)
    with pytest.raises(InvalidCypher):
        run_cypher._rows(workspace.graph_name, statement, "{}", 1000)


@pytest.mark.parametrize(
    "query",
    [
        "RETURN replace('" + "a" * 4000 + "','a','" + "b" * 4000 + "')",
        "MATCH (a), (b) RETURN replace('" + "a" * 900 + "','a','" + "b" * 900 + "')",
        "MATCH (a), (b), (c), (d) RETURN collect(a.entity_id + b.entity_id)",
        "MATCH (a), (b), (c), (d) RETURN collect([a, b, c, d])",
        "WITH 'abcdefgh' AS x "
        + "WITH x + x AS x " * 13
        + "RETURN x + replace(x, 'a', x)",
        "WITH [1, 2, 3, 4] AS x " + "WITH x + x AS x " * 24 + "RETURN x",
        "WITH 'abcdefgh' AS x " + "WITH x + x AS x " * 23 + "RETURN [x, x, x, x]",
        "UNWIND split('" + "a," * 4000 + "', ',') AS a "
        "UNWIND split('" + "b," * 4000 + "', ',') AS b RETURN collect(a + b)",
    ],
)
def test_a_small_query_cannot_take_much_memory(
    workspace: Workspace, query: str
) -> None:
    before = psutil.Process().memory_info().rss
    started = time.monotonic()
    with pytest.raises((InvalidCypher, CypherTimeout)):
        run_cypher.run(workspace.pk, query, timeout_ms=5000)
    assert time.monotonic() - started < 9
    grown = psutil.Process().memory_info().rss - before
    assert grown < 60 * 2**20


@pytest.mark.skipif(not CAN_LIMIT, reason="needs Linux")
def test_a_query_that_takes_much_memory_is_cancelled(workspace: Workspace) -> None:
    with (
        pytest.raises(InvalidCypher, match="memory"),
        cypher_session.open_session(workspace.graph_name, 20_000) as session,
    ):
        process = psutil.Process(session.info.backend_pid)
        assert process.nice() == cypher_session.NICENESS
        session.execute(
            "SELECT array_agg(repeat(n::text, 100)) FROM generate_series(1, 9000000) n"
        )
    assert run_cypher.run(workspace.pk, "RETURN 1").rows == ((1,),)


def test_a_query_that_ignores_its_timeout_is_given_up(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        cypher_session, "_SETTINGS", "SET LOCAL search_path = ag_catalog"
    )
    started = time.monotonic()
    with pytest.raises(CypherTimeout):
        run_cypher.run(
            workspace.pk,
            "MATCH (a), (b), (c), (d), (e) RETURN count(*)",
            timeout_ms=400,
        )
    assert time.monotonic() - started < 3
    pids = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%%cypher(%%'"
    with connection.cursor() as cursor:
        for _attempt in range(50):
            cursor.execute(pids + " AND pid <> pg_backend_pid() AND state = 'active'")
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.1)
    pytest.fail("The process of the query still runs.")


def test_a_caller_runs_few_queries_at_a_time(workspace: Workspace) -> None:
    entered, leave = threading.Barrier(3), threading.Event()

    def hold() -> None:
        with (
            audit.acting_as(Actor(Kind.KEY, "ada")),
            cypher_session.open_session(workspace.graph_name, 5000),
        ):
            entered.wait(10)
            leave.wait(10)

    threads = [threading.Thread(target=hold) for _number in range(2)]
    for thread in threads:
        thread.start()
    entered.wait(10)
    try:
        with audit.acting_as(Actor(Kind.KEY, "ada")), pytest.raises(CypherBusy):
            run_cypher.run(workspace.pk, "RETURN 1")
        with audit.acting_as(Actor(Kind.KEY, "bob")):
            assert run_cypher.run(workspace.pk, "RETURN 1").rows == ((1,),)
    finally:
        leave.set()
        for thread in threads:
            thread.join()
    with audit.acting_as(Actor(Kind.KEY, "ada")):
        assert run_cypher.run(workspace.pk, "RETURN 1").rows == ((1,),)


def test_all_callers_together_run_few_queries() -> None:
    slots = cypher_session.Slots(2, 1)
    slots.take("ada")
    slots.take("bob")
    with pytest.raises(CypherBusy):
        slots.take("eve")
    slots.release("ada")
    slots.take("eve")


def test_a_float_with_a_final_dot_does_not_hide_a_keyword() -> None:
    with pytest.raises(InvalidCypher, match="read-only"):
        cypher_guard.check("MATCH (n) WHERE n.y > 1. SET n.hacked = 1 RETURN n")
    assert cypher_guard.check("MATCH (a)-[*1..3]->(b) RETURN b").columns == ("b",)


def test_numbers_with_thousands_of_digits_are_refused(workspace: Workspace) -> None:
    with pytest.raises(InvalidCypher):
        run_cypher.run(workspace.pk, f"RETURN {'9' * 5000}::numeric")
