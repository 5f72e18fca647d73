from __future__ import annotations

from django.db import connection

from documents.models import Chunk
from retrieval.index import name_key
from retrieval.search import modes, retrievers, search, search_transaction
from retrieval.search.evidence import Evidence
from retrieval.search.graph_walk import adjacency
from retrieval.search.graph_walk.adjacency import Surroundings
from retrieval.search.params import Mode, QueryParams
from retrieval.search.question import Question
from tests.retrieval.conftest import Configure, Library, analysed

QUESTION = "Where was the founder of Zorvek Works born?"


def two_hops(library: Library) -> tuple[Chunk, Chunk]:
    """The passage that names the founder, and the one that says where he was born,
    which shares no word with the question; and 40 that are about other things."""
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


def asked(library: Library, configure: Configure, text: str = QUESTION) -> Question:
    configure(query__keyword_extraction="none")
    return analysed(library.workspace, QueryParams(text))


def look(question: Question) -> Evidence:
    return modes.find(question)


def test_what_is_two_hops_away_is_among_the_first(
    library: Library, configure: Configure
) -> None:
    two_hops(library)
    found = look(asked(library, configure)).chunks
    first = {passage.file_path: passage for passage in found[:5]}
    assert {"works.txt", "quill.txt"} <= first.keys()
    assert {"walk", "hop"} <= set(first["quill.txt"].scores)


def test_naive_does_not_find_it(library: Library, configure: Configure) -> None:
    two_hops(library)
    configure(query__keyword_extraction="none")
    params = QueryParams(QUESTION, Mode.NAIVE)
    found = look(analysed(library.workspace, params)).chunks
    assert "quill.txt" not in [passage.file_path for passage in found[:5]]


def test_an_unfinished_document_is_not_walked_to(
    library: Library, configure: Configure
) -> None:
    (seen,) = library.document("seen.txt", "Zorvek Works is a company.")
    (hidden,) = library.document("hidden.txt", "Zorvek Works failed.", findable=False)
    library.entity("Zorvek Works", "", seen, hidden)
    found = look(asked(library, configure)).chunks
    assert [passage.file_path for passage in found] == ["seen.txt"]


def test_the_question_names_entities_whatever_their_case(
    library: Library, configure: Configure
) -> None:
    works = library.entity("Zorvek Works")
    inner = library.entity("Zorvek")
    library.entity("Quill")
    question = asked(library, configure, "who founded zorvek works?")
    with search_transaction.begin(question) as tuned:
        seeds = search.run(tuned, retrievers.ENTITIES_IN_QUESTION)
    assert seeds.named == {works.pk}
    assert inner.pk not in seeds.named


def test_of_a_hub_some_edges_are_read(library: Library) -> None:
    chunks = library.document("hub.txt", *map(str, range(adjacency.MAX_EDGES + 5)))
    hub = library.entity("Everything", "", *chunks)
    rare = library.entity("Rare", "", chunks[0])
    around = Surroundings(library.workspace.pk)
    around.expand([hub.pk, rare.pk])
    assert around.chunk_counts([hub.pk, rare.pk]) == {
        hub.pk: adjacency.MAX_EDGES,
        rare.pk: 1,
    }


def test_edges_are_read_once_and_lead_both_ways(library: Library) -> None:
    (chunk,) = library.document("a.txt", "a")
    first, second = library.entity("First", "", chunk), library.entity("Second")
    relation = library.relation(first, second, "knows", chunk)
    around = Surroundings(library.workspace.pk)
    assert around.expand([], [relation.pk]) == {relation.pk: (first.pk, second.pk)}
    assert around.neighbours([first.pk]) == [-chunk.pk]
    assert around.neighbours([second.pk]) == []
    around.expand([-chunk.pk])
    assert around.neighbours([-chunk.pk]) == [first.pk]
    assert around.expand([first.pk, -chunk.pk]) == {}


def test_nothing_found_leads_nowhere(library: Library, configure: Configure) -> None:
    assert look(asked(library, configure)).chunks == ()


def test_names_that_are_one_are_linked(library: Library) -> None:
    for name in ("The Beatles", "BEATLES", "Beatle", "Stones"):
        library.entity(name)
    with connection.cursor() as cursor:
        for pk, name in library.workspace.entities.values_list("pk", "name"):
            values: list[str | int] = [name_key.key(name), pk]
            cursor.execute(
                "UPDATE search_entity SET name_key = %s WHERE entity_id = %s", values
            )
    first, *others, _ = library.workspace.entities.order_by("pk")
    around = Surroundings(library.workspace.pk)
    around.expand([first.pk])
    assert around.neighbours([first.pk]) == [other.pk for other in others]
