from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from documents.models import Workspace
from graph.models import Entity, Relation
from retrieval.search import neighbours
from retrieval.search.evidence import Neighbourhood
from retrieval.search.hybrid_search import Hits, Seeds
from retrieval.search.params import QueryParams
from tests.retrieval.conftest import Library, analysed

NOTHING = Hits()


def read(
    workspace: Workspace,
    entities: tuple[Entity, ...] = (),
    relations: tuple[Relation, ...] = (),
    **limits: int,
) -> Neighbourhood:
    question = analysed(workspace, QueryParams("Who?", **limits))  # type: ignore[arg-type]
    seeds = Seeds(
        Hits(tuple(entity.pk for entity in entities)),
        Hits(tuple(relation.pk for relation in relations)),
        NOTHING,
    )
    return neighbours.read(question, seeds)


@pytest.fixture
def star(library: Library) -> dict[str, Entity]:
    """Return a hub with three neighbours, and two entities related only to each other."""
    ends = {name: library.entity(name, f"{name}.") for name in "HABCXY"}
    for end in "ABC":
        library.relation(ends["H"], ends[end], f"H-{end}")
    library.relation(ends["B"], ends["C"], "B-C")
    library.relation(ends["X"], ends["Y"], "X-Y")
    return ends


def test_an_entitys_edges_are_sorted_by_degree(
    library: Library, star: dict[str, Entity]
) -> None:
    result = read(library.workspace, (star["A"], star["B"]))
    assert [entity.name for entity in result.entities] == ["A", "B"]
    descriptions = [relation.description for relation in result.relations]
    assert descriptions == ["H-B", "H-A", "B-C"]  # degrees 3+2, 3+1, 2+2; then by id
    assert result.relations[0].rank == 5
    assert result.relations_found == 3


def test_a_relations_ends_are_included(
    library: Library, star: dict[str, Entity]
) -> None:
    relation = Relation.objects.get(description="X-Y")
    result = read(library.workspace, (), (relation,))
    assert [entity.name for entity in result.entities] == ["X", "Y"]
    assert [edge.description for edge in result.relations] == ["X-Y"]


def test_entities_and_relations_take_turns(
    library: Library, star: dict[str, Entity]
) -> None:
    relation = Relation.objects.get(description="X-Y")
    result = read(library.workspace, (star["A"], star["B"]), (relation,))
    assert [entity.name for entity in result.entities] == ["A", "X", "B", "Y"]
    assert result.relations[1].description == "X-Y"


def test_only_edges_that_may_fit_are_read_but_all_are_counted(
    library: Library, star: dict[str, Entity]
) -> None:
    tokens = 2 * neighbours.MIN_LINE_TOKENS - 1
    result = read(library.workspace, (star["H"],), max_relation_tokens=tokens)
    assert len(result.relations) == 2
    assert result.relations_found == 3


def test_deleted_relations_are_left_out(
    library: Library, star: dict[str, Entity]
) -> None:
    deleted = Relation.objects.get(description="X-Y")
    pk = deleted.pk
    deleted.delete()
    deleted.pk = pk
    assert read(library.workspace, (), (deleted,)) == Neighbourhood()


def test_the_graph_is_read_in_one_statement_or_none_without_seeds(
    library: Library,
    star: dict[str, Entity],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    params = QueryParams("Who?", ll_keywords=("Who?",))
    question = analysed(library.workspace, params)
    with django_assert_num_queries(1):
        neighbours.read(question, Seeds(Hits((star["H"].pk,)), NOTHING, NOTHING))
    with django_assert_num_queries(0):
        neighbours.read(question, Seeds(NOTHING, NOTHING, NOTHING))
