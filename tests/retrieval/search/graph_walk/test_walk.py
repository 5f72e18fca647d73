from __future__ import annotations

from django.db import connection

from documents.models import Chunk
from retrieval.index import name_key
from retrieval.search import hybrid_search, modes, retrievers, search_transaction
from retrieval.search.graph_walk import adjacency
from retrieval.search.graph_walk.adjacency import Surroundings
from retrieval.search.params import Mode, QueryParams
from retrieval.search.question import Question
from tests.retrieval.conftest import Configure, Library, analysed

QUESTION = "Where was the founder of Zorvek Works born?"


def two_hops(library: Library) -> tuple[Chunk, Chunk]:
    """Add the chunk that names the founder, and the one with the birthplace.

    The latter shares no word with the question. 40 other chunks do.
    """
    (founder,) = library.document("works.txt", "Zorvek Works: founder Ada Quill.")
    (birth,) = library.document("quill.txt", "Ada Quill grew up beside Lake Mora.")
    works = library.entity("Zorvek Works", "A company.", founder)
    ada = library.entity("Ada Quill", "A person.", founder, birth)
    lake = library.entity("Lake Mora", "A lake.", birth)
    library.relation(works, ada, "Zorvek Works has the founder Ada Quill.", founder)
    library.relation(ada, lake, "Ada Quill grew up beside Lake Mora.", birth)
    for number in range(40):
        (other,) = library.document(f"{number}.txt", f"born {number} where was the")
        library.entity(f"Thing {number}", "", other)
    return founder, birth


def question_for(
    library: Library, configure: Configure, text: str = QUESTION
) -> Question:
    configure(query__keyword_extraction="none")
    return analysed(library.workspace, QueryParams(text))


def test_a_chunk_two_hops_away_is_among_the_first(
    library: Library, configure: Configure
) -> None:
    two_hops(library)
    chunks = modes.find(question_for(library, configure)).chunks
    first = {chunk.file_path: chunk for chunk in chunks[:5]}
    assert {"works.txt", "quill.txt"} <= first.keys()
    assert {"walk", "hop"} <= set(first["quill.txt"].scores)


def test_naive_does_not_find_the_second_hop(
    library: Library, configure: Configure
) -> None:
    two_hops(library)
    configure(query__keyword_extraction="none")
    params = QueryParams(QUESTION, Mode.NAIVE)
    chunks = modes.find(analysed(library.workspace, params)).chunks
    assert "quill.txt" not in [chunk.file_path for chunk in chunks[:5]]


def test_the_walk_finds_no_chunks_of_unfinished_documents(
    library: Library, configure: Configure
) -> None:
    (visible,) = library.document("seen.txt", "Zorvek Works is a company.")
    (hidden,) = library.document("hidden.txt", "Zorvek Works failed.", findable=False)
    library.entity("Zorvek Works", "", visible, hidden)
    chunks = modes.find(question_for(library, configure)).chunks
    assert [chunk.file_path for chunk in chunks] == ["seen.txt"]


def test_names_in_the_question_match_in_any_case(
    library: Library, configure: Configure
) -> None:
    works = library.entity("Zorvek Works")
    inner = library.entity("Zorvek")
    library.entity("Quill")
    question = question_for(library, configure, "who founded zorvek works?")
    with search_transaction.begin(question) as prepared:
        seeds = hybrid_search.run(prepared, retrievers.ENTITIES_IN_QUESTION)
    assert seeds.named == {works.pk}
    assert inner.pk not in seeds.named


def test_only_some_edges_of_a_hub_are_read(library: Library) -> None:
    chunks = library.document("hub.txt", *map(str, range(adjacency.MAX_EDGES + 5)))
    hub = library.entity("Everything", "", *chunks)
    rare = library.entity("Rare", "", chunks[0])
    graph = Surroundings(library.workspace.pk, library.workspace.search_index)
    graph.expand([hub.pk, rare.pk])
    assert graph.chunk_counts([hub.pk, rare.pk]) == {
        hub.pk: adjacency.MAX_EDGES,
        rare.pk: 1,
    }


def test_edges_are_read_once_and_in_both_directions(library: Library) -> None:
    (chunk,) = library.document("a.txt", "a")
    first, second = library.entity("First", "", chunk), library.entity("Second")
    relation = library.relation(first, second, "knows", chunk)
    graph = Surroundings(library.workspace.pk, library.workspace.search_index)
    assert graph.expand([], [relation.pk]) == {relation.pk: (first.pk, second.pk)}
    assert graph.neighbours([first.pk]) == [-chunk.pk]
    assert graph.neighbours([second.pk]) == []
    graph.expand([-chunk.pk])
    assert graph.neighbours([-chunk.pk]) == [first.pk]
    assert graph.expand([first.pk, -chunk.pk]) == {}


def test_without_hits_the_walk_is_empty(library: Library, configure: Configure) -> None:
    assert modes.find(question_for(library, configure)).chunks == ()


def test_entities_with_the_same_name_key_are_connected(library: Library) -> None:
    for name in ("The Beatles", "BEATLES", "Beatle", "Stones"):
        library.entity(name)
    with connection.cursor() as cursor:
        for pk, name in library.workspace.entities.values_list("pk", "name"):
            values: list[str | int] = [name_key.key(name), pk]
            cursor.execute(
                "UPDATE search_entity SET name_key = %s WHERE entity_id = %s", values
            )
    first, *same_key, _ = library.workspace.entities.order_by("pk")
    graph = Surroundings(library.workspace.pk, library.workspace.search_index)
    graph.expand([first.pk])
    assert graph.neighbours([first.pk]) == [other.pk for other in same_key]
