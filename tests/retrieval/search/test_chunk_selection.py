from __future__ import annotations

import pytest

from documents.models import Chunk
from graph.models import Entity, Relation
from retrieval.search import chunk_selection
from retrieval.search.evidence import FoundEntity, FoundRelation, GraphSelection
from retrieval.search.params import QueryParams
from tests.retrieval.conftest import Configure, Library, analysed


def selection(entities: list[Entity], relations: list[Relation]) -> GraphSelection:
    return GraphSelection(
        tuple(FoundEntity(entity.pk, entity.name, "", "", 0, 0) for entity in entities),
        tuple(
            FoundRelation(relation.pk, 0, 0, "", "", "", "", 1.0, 0, 0)
            for relation in relations
        ),
    )


@pytest.fixture
def chunks(library: Library) -> list[Chunk]:
    texts = ("red apples", "red cherries", "blue plums", "green pears")
    return library.document("fruit.txt", *texts)


def test_the_chunks_nearest_to_the_question_are_selected(
    library: Library, chunks: list[Chunk], configure: Configure
) -> None:
    configure(query__related_chunks=4)
    fruit = library.entity("Fruit", "", *chunks)
    question = analysed(library.workspace, QueryParams("red apples"))
    of_entities, of_relations = chunk_selection.select(question, selection([fruit], []))
    assert list(of_entities) == [chunks[0].pk, chunks[1].pk]
    assert of_entities[chunks[0].pk] == pytest.approx(1, abs=1e-3)
    assert not of_relations


def test_relations_add_only_chunks_that_entities_did_not_select(
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
            question, selection([apple], [relation])
        )
        assert list(of_entities) == [chunks[0].pk]
        assert list(of_relations) == [chunks[3].pk]


def test_chunks_of_unfinished_documents_are_not_selected(
    library: Library, configure: Configure
) -> None:
    hidden = library.document("draft.txt", "red apples", findable=False)
    apple = library.entity("Apple", "", *hidden)
    for method in ("VECTOR", "WEIGHT"):
        configure(query__chunk_pick_method=method)
        question = analysed(library.workspace, QueryParams("red apples"))
        assert chunk_selection.select(question, selection([apple], [])) == ({}, {})


def test_by_weight_the_first_entity_has_most_chunks(
    library: Library, chunks: list[Chunk], configure: Configure
) -> None:
    configure(query__chunk_pick_method="weight", query__related_chunks=2)
    first = library.entity("First", "", chunks[0], chunks[1])
    second = library.entity("Second", "", chunks[2], chunks[3])
    question = analysed(library.workspace, QueryParams("red apples"))
    of_entities, _ = chunk_selection.select(question, selection([first, second], []))
    assert list(of_entities) == [chunks[0].pk, chunks[1].pk, chunks[2].pk]
