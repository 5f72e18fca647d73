from __future__ import annotations

import re

import pytest

from graph.models import EntityAlias
from retrieval.search import hybrid_search, retrievers, search_transaction
from retrieval.search.hybrid_search import Seeds
from retrieval.search.params import QueryParams
from tests import own_tables
from tests.retrieval.conftest import Configure, Library, analysed

KINDS = ("entity", "relation", "chunk")
EVERYTHING = (
    *retrievers.ENTITIES,
    *retrievers.RELATIONS,
    *retrievers.CHUNKS,
    *retrievers.CHUNKS_BY_WORDS,
)


def seeds_of(library: Library, params: QueryParams) -> Seeds:
    question = analysed(library.workspace, params)
    with search_transaction.begin(question) as prepared:
        return hybrid_search.run(prepared, EVERYTHING)


def names(library: Library, seeds: Seeds) -> list[str]:
    names_by_id = dict(library.workspace.entities.values_list("id", "name"))
    return [names_by_id[id] for id in seeds.entities.ids]


def test_an_entity_named_in_the_keywords_comes_first(library: Library) -> None:
    library.entity("radium element chemistry", "radium")
    library.entity("Radium", "Nothing more is said.")
    seeds = seeds_of(library, QueryParams("q?", ll_keywords=("about radium element",)))
    assert names(library, seeds)[0] == "Radium"


def test_an_entity_is_found_by_an_alias(library: Library) -> None:
    entity = library.entity("Maria Skłodowska", "A chemist.")
    EntityAlias.objects.create(
        workspace=library.workspace, name="Madame Curie", entity=entity
    )
    seeds = seeds_of(library, QueryParams("q?", ll_keywords=("Madame Curie",)))
    assert names(library, seeds) == ["Maria Skłodowska"]
    assert seeds.entities.scores[entity.pk] == {"name": 1.0}


def test_chinese_is_found_by_words_and_by_name(library: Library) -> None:
    (chunk,) = library.document("居里.txt", "居里夫人于1898年发现了镭。")
    library.document("其他.txt", "今天天气很好。")
    library.entity("居里夫人", "", chunk)
    seeds = seeds_of(library, QueryParams("谁是居里夫人？", ll_keywords=("居里夫人",)))
    assert names(library, seeds) == ["居里夫人"]
    assert seeds.chunks.ids[0] == chunk.pk
    assert "lexical" in seeds.chunks.scores[chunk.pk]


def test_vectors_below_the_threshold_are_left_out(
    curies: Library, configure: Configure
) -> None:
    configure(query__cosine_threshold=0.99)
    seeds = seeds_of(curies, QueryParams("What did Marie Curie discover?"))
    assert not seeds.relations.ids
    assert all("vector" not in legs for legs in seeds.chunks.scores.values())


def test_top_k_bounds_each_kind(curies: Library) -> None:
    params = QueryParams("Marie Curie discovered radium", top_k=1, chunk_top_k=1)
    seeds = seeds_of(curies, params)
    assert len(seeds.entities.ids) == len(seeds.relations.ids) == 1


def test_relations_are_found_by_the_question_too(curies: Library) -> None:
    params = QueryParams(
        "They were married?", hl_keywords=("zzz",), ll_keywords=("zzz",)
    )
    seeds = seeds_of(curies, params)
    assert "question" in seeds.relations.scores[seeds.relations.ids[0]]


def test_keywords_equal_to_the_question_need_no_second_retriever(
    curies: Library,
) -> None:
    question = analysed(curies.workspace, QueryParams("q?", ll_keywords=("q?",)))
    distinct = retrievers.distinct(question, retrievers.RELATIONS)
    assert [leg.name for leg in distinct] == ["vector"]


def test_every_retriever_scans_an_index_of_its_own_partition(curies: Library) -> None:
    index = own_tables.give(curies.workspace)
    question = analysed(curies.workspace, QueryParams("Marie Curie and radium"))
    statement = retrievers.statement(question, EVERYTHING)
    search_transaction.fetch("SELECT set_config('enable_seqscan', 'off', true)", {})
    values = retrievers.values(question)
    plan = search_transaction.fetch(f"EXPLAIN {statement}", values)
    indexes = set(re.findall(r"Index Scan (?:using|on) (\w+)", str(plan)))
    assert {f"search_{kind}_{index}_hnsw" for kind in KINDS} <= indexes
    assert {f"search_{kind}_{index}_terms" for kind in ("entity", "chunk")} <= indexes


@pytest.mark.parametrize("text", ["' \" \\ % & | ! ( ) :*", "%(words)s {}", "\x00"])
def test_any_text_can_be_searched(curies: Library, text: str) -> None:
    params = QueryParams(f"radium {text}", ll_keywords=(text, "radium"))
    assert seeds_of(curies, params).chunks.ids
