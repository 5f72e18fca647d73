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


def names(drawn_graph: Drawing) -> list[str]:
    return [dot.name for dot in drawn_graph.entities]


def test_a_drawing_has_edges_among_its_entities_and_to_drawn_ones(
    workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    entities = draw(workspace, "a-b", "b-c", "c-d")
    ids = [entities["b"].pk, entities["a"].pk]
    with django_assert_num_queries(2):
        drawn_graph = drawing.of(
            workspace.pk, ids, beside=[entities["c"].pk, entities["d"].pk]
        )
    assert names(drawn_graph) == ["b", "a"]
    drawn = {frozenset((line.source, line.target)) for line in drawn_graph.relations}
    assert drawn == {
        frozenset((entities["a"].pk, entities["b"].pk)),
        frozenset((entities["b"].pk, entities["c"].pk)),
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
    drawn_graph = drawing.of(workspace.pk, ids, graph_filter=only)
    assert sorted(names(drawn_graph)) == ["Ada", "Babbage"]
    assert len(drawn_graph.relations) == 1
    everything = subgraph.reach(workspace.pk, "*", 1, 9, only)
    assert len(everything) == 2


def test_the_type_filter_keeps_the_start(workspace: Workspace) -> None:
    entities = draw(workspace, "a-b", "a-c")
    Entity.objects.filter(pk=entities["c"].pk).update(entity_type="place")
    only = GraphFilter(types=("place",))
    assert subgraph.reach(workspace.pk, "a", 1, 9, only) == [
        entities["a"].pk,
        entities["c"].pk,
    ]
    assert drawing.types(workspace.pk) == [("UNKNOWN", 2), ("place", 1)]
