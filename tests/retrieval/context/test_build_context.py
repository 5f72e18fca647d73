from __future__ import annotations

from asgiref.sync import async_to_sync

from retrieval.llm import tokens
from retrieval.query import answer
from retrieval.search.params import QueryParams
from tests.retrieval.conftest import Library

retrieve = async_to_sync(answer.retrieve)
ask = async_to_sync(answer.ask)


def test_the_whole_prompt_stays_within_the_token_budget(library: Library) -> None:
    for number in range(30):
        library.document(f"{number}.txt", f"radium {number} " + "and so on " * 60)
    for budget in (1500, 4000):
        params = QueryParams("radium", max_total_tokens=budget, only_need_prompt=True)
        prompt = ask(library.workspace, params).text
        assert budget - 800 < tokens.count(prompt) <= budget


def test_facts_keep_to_their_own_budgets(curies: Library) -> None:
    params = QueryParams(
        "Marie Curie radium", max_entity_tokens=40, max_relation_tokens=30
    )
    found = retrieve(curies.workspace, params)
    assert found.counts["total_entities_found"] > len(found.entities) == 1
    assert len(found.relations) == 1


def test_no_room_at_all_leaves_no_passages(curies: Library) -> None:
    found = retrieve(curies.workspace, QueryParams("radium", max_total_tokens=1))
    assert found.passages == ()
    assert found.entities
