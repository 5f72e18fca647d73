"""Keyset pagination: no row is missing or repeated, even with equal keys."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from documents.models import Workspace
from graph.models import Entity
from tests.compat_api.rest.conftest import HOME, results

ENTITIES = f"{HOME}entities/"


@pytest.fixture
def many(client: APIClient, workspace: Workspace) -> list[str]:
    """Create 1,500 entities, all but one with the same degree."""
    entities = Entity.objects.bulk_create(
        Entity(workspace=workspace, name=f"e{n:04d}", degree=1 + (n == 7))
        for n in range(1500)
    )
    return [entity.name for entity in entities]


def walk(client: APIClient, link: str, to: str = "next") -> list[list[str]]:
    pages = []
    while link:
        answer: Any = client.get(link)
        pages.append([row["name"] for row in results(answer)])
        link = answer.json()[to]
    return pages


@pytest.mark.parametrize("ordering", ["id", "-id", "name", "degree", "-degree"])
def test_pages_contain_every_row_once_in_every_order(
    client: APIClient, many: list[str], ordering: str
) -> None:
    pages = walk(client, f"{ENTITIES}?limit=500&ordering={ordering}")
    assert [len(page) for page in pages] == [500, 500, 500]
    assert sorted(name for page in pages for name in page) == many


def test_previous_pages_equal_next_pages(client: APIClient, many: list[str]) -> None:
    link = f"{ENTITIES}?limit=400&ordering=-degree"
    there = walk(client, link)
    third = client.get(client.get(client.get(link).json()["next"]).json()["next"])
    back = walk(client, third.json()["previous"], to="previous")
    assert back == [there[1], there[0]]
    assert client.get(link).json()["previous"] is None


def test_new_rows_do_not_shift_pages(
    client: APIClient, workspace: Workspace, many: list[str]
) -> None:
    first = client.get(f"{ENTITIES}?limit=500&ordering=name").json()
    Entity.objects.create(workspace=workspace, name="a")
    assert walk(client, first["next"]) == [many[500:1000], many[1000:]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "501"}, "limit"),
        ({"limit": "²"}, "limit"),
        ({"ordering": "description"}, "ordering"),
    ],
)
def test_invalid_page_parameters_are_refused_by_field(
    client: APIClient, query: dict[str, str], field: str
) -> None:
    answer = client.get(ENTITIES, query)
    assert answer.status_code == 400
    assert field in answer.json()


@pytest.mark.parametrize(
    "cursor", ["?", "WyJuYW1lIiwgZmFsc2UsIG51bGwsIDFd", "bnVsbA", "MQ", "W10", "é"]
)
def test_invalid_cursor_is_not_found(client: APIClient, cursor: str) -> None:
    assert client.get(ENTITIES, {"cursor": cursor}).status_code == 404


def test_cursor_of_another_order_is_not_found(
    client: APIClient, many: list[str]
) -> None:
    link = client.get(f"{ENTITIES}?limit=10").json()["next"]
    assert client.get(f"{link}&ordering=name").status_code == 404


def test_page_is_read_from_an_index_in_order(
    client: APIClient, many: list[str]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE graph_entity")
    for ordering in ("id", "name", "-degree"):
        link = client.get(f"{ENTITIES}?limit=10&ordering={ordering}").json()["next"]
        with CaptureQueriesContext(connection) as queries:
            client.get(link)
        page = next(q["sql"] for q in queries if "graph_entity" in q["sql"])
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {page}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "->  Sort" not in plan, plan
        assert "Index Cond" in plan.split("ROW(")[0], plan
