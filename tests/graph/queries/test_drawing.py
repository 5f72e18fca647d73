"""Tests of the data of drawings."""

from __future__ import annotations

from pytest_django import DjangoAssertNumQueries

from documents.models import Workspace
from graph.models import Entity
from graph.queries import drawing, subgraph
from graph.queries.drawing import Drawing
from graph.queries.filters import GraphFilter
from tests.graph.conftest import Ingest
from tests.graph.queries.test_subgraph import draw


def names(found: Drawing) -> list[str]:
    return [dot.name for dot in found.entities]


def test_a_drawing_has_edges_among_its_entities_and_to_drawn_ones(
    workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    known = draw(workspace, "a-b", "b-c", "c-d")
    ids = [known["b"].pk, known["a"].pk]
    with django_assert_num_queries(2):
        found = drawing.of(workspace.pk, ids, beside=[known["c"].pk, known["d"].pk])
    assert names(found) == ["b", "a"]
    drawn = {frozenset((line.source, line.target)) for line in found.relations}
    assert drawn == {
        frozenset((known["a"].pk, known["b"].pk)),
        frozenset((known["b"].pk, known["c"].pk)),
    }


def test_the_document_filter_limits_the_neighbourhood(
    workspace: Workspace, ingest: Ingest
) -> None:
    chunk = ingest(
        ("Ada", "person", "…"), ("Babbage", "person", "…"), ("Ada", "Babbage", "k", "…")
    )
    ingest(
        ("Ada", "person", "…"), ("Turing", "person", "…"), ("Ada", "Turing", "k", "…")
    )
    only = GraphFilter(documents=(chunk.document.public_id,))
    ids = subgraph.reach(workspace.pk, "Ada", 1, 9, only)
    found = drawing.of(workspace.pk, ids, graph_filter=only)
    assert sorted(names(found)) == ["Ada", "Babbage"]
    assert len(found.relations) == 1
    everything = subgraph.reach(workspace.pk, "*", 1, 9, only)
    assert len(everything) == 2


def test_the_type_filter_keeps_the_start(workspace: Workspace) -> None:
    known = draw(workspace, "a-b", "a-c")
    Entity.objects.filter(pk=known["c"].pk).update(entity_type="place")
    only = GraphFilter(types=("place",))
    assert subgraph.reach(workspace.pk, "a", 1, 9, only) == [
        known["a"].pk,
        known["c"].pk,
    ]
    assert drawing.types(workspace.pk) == [("UNKNOWN", 2), ("place", 1)]
