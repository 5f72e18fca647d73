from __future__ import annotations

import pytest

from documents.models import Chunk
from graph.models import Entity, Relation
from retrieval.search import chunk_selection
from retrieval.search.evidence import FoundEntity, FoundRelation, GraphSelection
from retrieval.search.params import QueryParams
from tests.retrieval.conftest import Configure, Library, analysed


def facts(entities: list[Entity], relations: list[Relation]) -> GraphSelection:
    return GraphSelection(
        tuple(FoundEntity(one.pk, one.name, "", "", 0, 0) for one in entities),
        tuple(
            FoundRelation(one.pk, 0, 0, "", "", "", "", 1.0, 0, 0) for one in relations
        ),
    )


@pytest.fixture
def chunks(library: Library) -> list[Chunk]:
    texts = ("red apples", "red cherries", "blue plums", "green pears")
    return library.document("fruit.txt", *texts)


def test_the_chunks_nearest_to_the_question_are_chosen(
    library: Library, chunks: list[Chunk], configure: Configure
) -> None:
    configure(query__related_chunks=4)
    fruit = library.entity("Fruit", "", *chunks)
    question = analysed(library.workspace, QueryParams("red apples"))
    of_entities, of_relations = chunk_selection.select(question, facts([fruit], []))
    assert list(of_entities) == [chunks[0].pk, chunks[1].pk]
    assert of_entities[chunks[0].pk] == pytest.approx(1, abs=1e-3)
    assert not of_relations


def test_relations_bring_only_chunks_that_entities_did_not(
    library: Library, chunks: list[Chunk], configure: Configure
) -> None:
    for method in ("VECTOR", "WEIGHT"):
        configure(query__chunk_pick_method=method)
        apple = Entity.objects.filter(name="Apple").first()
        apple = apple or library.entity("Apple", "", chunks[0])
        tree = Entity.objects.filter(name="Tree").first() or library.entity("Tree")
        relation = Relation.objects.first() or library.relation(
            apple, tree, "grows on", chunks[0], chunks[3]
        )
        question = analysed(library.workspace, QueryParams("red apples"))
        of_entities, of_relations = chunk_selection.select(
            question, facts([apple], [relation])
        )
        assert list(of_entities) == [chunks[0].pk]
        assert list(of_relations) == [chunks[3].pk]


def test_a_chunk_of_an_unfinished_document_is_not_chosen(
    library: Library, configure: Configure
) -> None:
    hidden = library.document("draft.txt", "red apples", findable=False)
    apple = library.entity("Apple", "", *hidden)
    for method in ("VECTOR", "WEIGHT"):
        configure(query__chunk_pick_method=method)
        question = analysed(library.workspace, QueryParams("red apples"))
        assert chunk_selection.select(question, facts([apple], [])) == ({}, {})


def test_by_weight_the_first_fact_gives_most(
    library: Library, chunks: list[Chunk], configure: Configure
) -> None:
    configure(query__chunk_pick_method="weight", query__related_chunks=2)
    first = library.entity("First", "", chunks[0], chunks[1])
    second = library.entity("Second", "", chunks[2], chunks[3])
    question = analysed(library.workspace, QueryParams("red apples"))
    of_entities, _ = chunk_selection.select(question, facts([first, second], []))
    assert list(of_entities) == [chunks[0].pk, chunks[1].pk, chunks[2].pk]
