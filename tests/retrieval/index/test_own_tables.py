"""Tests of search tables of its own for a workspace that has become large."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection

from documents.models import Workspace
from retrieval.index import own_tables, search_rows, tables
from retrieval.models import SearchIndex
from retrieval.search import modes
from retrieval.search.params import Mode, QueryParams
from tests.retrieval.conftest import Library, analysed

ROWS = """
INSERT INTO search_relation (index_id, relation_id, text_hash)
SELECT %s, 1000000 + n, '' FROM generate_series(1, %s) n
"""
Stop = Callable[[], bool]


def add_relations(workspace: Workspace, number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [workspace.search_index, number])
    own_tables.request_if_large(workspace.pk)


def stop_after(steps: int) -> Stop:
    """Return a function that stops the work after a number of steps."""
    answers = iter([False] * steps)
    return lambda: next(answers, True)


def never() -> bool:
    return False


def columns(kind: tables.Kind, index: int) -> list[tuple[object, ...]]:
    names = ", ".join(tables.COLUMNS[kind])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {kind}_id, {names} FROM search_{kind} WHERE index_id = %s ORDER BY 1",
            [index],
        )
        return list(cursor.fetchall())


def test_a_workspace_within_the_limits_shares_tables(workspace: Workspace) -> None:
    add_relations(workspace, own_tables.LIMITS["relation"])
    assert not SearchIndex.objects.filter(workspace_id=workspace.pk).exists()


def test_a_large_workspace_gets_tables_of_its_own(workspace: Workspace) -> None:
    add_relations(workspace, own_tables.LIMITS["relation"] + 1)
    own_tables.request_if_large(workspace.pk)  # a second request has no effect
    assert own_tables.work(never) == [workspace.pk]
    index = tables.index_of(workspace.pk)
    assert not tables.is_shared(index)
    assert len(columns("relation", index)) == own_tables.LIMITS["relation"] + 1
    own_tables.work(never)
    assert not SearchIndex.objects.exists()
    assert columns("relation", workspace.search_index) == []


@pytest.mark.parametrize("steps", range(9))
def test_a_move_continues_after_an_interruption_at_each_step(
    curies: Library, steps: int
) -> None:
    workspace = curies.workspace
    rows = {kind: columns(kind, workspace.search_index) for kind in tables.KINDS}
    add_relations(workspace, own_tables.LIMITS["relation"] + 1)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_relation WHERE text_hash = ''")
    own_tables.work(stop_after(steps))
    own_tables.work(never)
    own_tables.work(never)
    index = tables.index_of(workspace.pk)
    assert not tables.is_shared(index)
    assert rows["chunk"] == columns("chunk", index)
    assert rows["entity"] == columns("entity", index)
    assert not SearchIndex.objects.exists()


def test_changes_during_a_move_are_copied(
    curies: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = curies.workspace
    add_relations(workspace, own_tables.LIMITS["relation"] + 1)
    original = tables.make_search_indexes

    def change_meanwhile(index: int, dimensions: int) -> None:
        original(index, dimensions)
        old = workspace.search_index
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE search_entity SET vector = NULL, text_hash = 'new'"
                " WHERE index_id = %s",
                [old],
            )
            cursor.execute("DELETE FROM search_relation WHERE index_id = %s", [old])
        curies.document("new.txt", "Irène Joliot-Curie was their daughter.")

    monkeypatch.setattr(tables, "make_search_indexes", change_meanwhile)
    own_tables.work(never)
    index = tables.index_of(workspace.pk)
    for kind in tables.KINDS:
        assert columns(kind, index) == columns(kind, workspace.search_index)
    assert {row[3] for row in columns("entity", index)} == {"new"}


def test_an_index_in_use_is_never_deleted(workspace: Workspace) -> None:
    add_relations(workspace, 1)
    index = SearchIndex(workspace.search_index, workspace.pk, "retired", "", 0)
    own_tables.retire(index)
    own_tables.work(never)
    assert len(columns("relation", workspace.search_index)) == 1


def test_answers_are_the_same_before_and_after_a_move(curies: Library) -> None:
    params = QueryParams("What did Marie Curie discover?", Mode.MIX)

    def search() -> list[str]:
        evidence = modes.find(analysed(curies.workspace, params))
        return [chunk.content for chunk in evidence.chunks]

    before = search()
    add_relations(curies.workspace, own_tables.LIMITS["relation"] + 1)
    own_tables.work(never)
    assert not tables.is_shared(tables.index_of(curies.workspace.pk))
    assert search() == before


def test_deleting_rows_deletes_their_search_rows(curies: Library) -> None:
    index = curies.workspace.search_index
    curies.workspace.relations.all().delete()
    curies.workspace.chunks.all().delete()
    assert columns("relation", index) == columns("chunk", index) == []
    assert columns("entity", index)
    assert not search_rows.stale(curies.workspace.pk, search_rows.Touched())
