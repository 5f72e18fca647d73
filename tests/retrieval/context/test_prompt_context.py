from __future__ import annotations

import json

from asgiref.sync import async_to_sync

from retrieval.context import prompt_context, references
from retrieval.context.prompt_context import Context
from retrieval.llm import tokens
from retrieval.query import answer
from retrieval.search import serialize, token_budget
from retrieval.search.evidence import (
    Evidence,
    FoundChunk,
    FoundEntity,
    FoundRelation,
    GraphSelection,
)
from retrieval.search.params import Mode, QueryParams
from tests.retrieval.conftest import Library

CHUNKS = [
    FoundChunk(f"c{n}", f"d{n % 2}", f"f{n % 2}.txt", f"text {n}", 10) for n in range(5)
]
retrieve = async_to_sync(answer.retrieve)
ask = async_to_sync(answer.ask)


def numbered(chunks: list[FoundChunk], available: int) -> tuple[FoundChunk, ...]:
    return references.number(
        token_budget.select_chunks(chunks, available, headings=True)
    )


def test_as_many_chunks_as_fit_are_kept_and_numbered() -> None:
    cost = serialize.chunk_tokens(CHUNKS[0], headings=True)
    fitting = numbered(CHUNKS, token_budget.RESERVE + 3 * (cost + 1))
    assert [(chunk.chunk_id, chunk.reference_id) for chunk in fitting] == [
        ("c0", "1"),
        ("c1", "2"),
        ("c2", "1"),
    ]
    assert numbered(CHUNKS, token_budget.RESERVE) == ()


def test_the_text_has_a_block_for_each_kind_and_the_files_last() -> None:
    context = Context(
        Mode.MIX,
        entities=(FoundEntity(1, "A", "t", "a", 1, 0),),
        relations=(FoundRelation(1, 1, 2, "A", "B", "ab", "", 1.0, 2, 0),),
        chunks=numbered(CHUNKS[:2], 10_000),
    )
    lines = context.text.splitlines()
    assert [line for line in lines if line.startswith("#")] == [
        prompt_context.ENTITIES,
        prompt_context.RELATIONS,
        prompt_context.CHUNKS,
        prompt_context.FILES,
    ]
    rows = [json.loads(line) for line in lines if line.startswith("{")]
    assert [row.get("content") for row in rows[2:]] == ["text 0", "text 1"]
    assert context.text.endswith("[1] f0.txt\n[2] f1.txt")


def test_a_naive_context_has_only_chunks_and_files() -> None:
    context = Context(Mode.NAIVE, chunks=numbered(CHUNKS[:1], 999))
    assert context.text.startswith(prompt_context.CHUNKS)
    assert prompt_context.ENTITIES not in context.text


def test_the_counts_are_those_of_lightrag() -> None:
    graph = GraphSelection((FoundEntity(1, "A", "t", "a", 1, 0),), (), 7, 9)
    evidence = Evidence(graph, (), 30)
    assert prompt_context.counts(Mode.MIX, evidence, CHUNKS) == {
        "total_entities_found": 7,
        "total_relations_found": 9,
        "entities_after_truncation": 1,
        "relations_after_truncation": 0,
        "merged_chunks_count": 30,
        "final_chunks_count": 5,
    }
    assert prompt_context.counts(Mode.BYPASS, Evidence(), ()) == {}


def test_the_whole_prompt_fits_the_token_budget(library: Library) -> None:
    for number in range(30):
        library.document(f"{number}.txt", f"radium {number} " + "and so on " * 60)
    for budget in (1500, 4000):
        params = QueryParams("radium", max_total_tokens=budget, only_need_prompt=True)
        prompt = ask(library.workspace, params).text
        assert budget - 800 < tokens.count(prompt) <= budget


def test_entities_and_relations_have_their_own_budgets(curies: Library) -> None:
    params = QueryParams(
        "Marie Curie radium", max_entity_tokens=40, max_relation_tokens=30
    )
    context = retrieve(curies.workspace, params)
    assert context.counts["total_entities_found"] > len(context.entities) == 1
    assert len(context.relations) == 1


def test_a_tiny_budget_leaves_no_chunks(curies: Library) -> None:
    context = retrieve(curies.workspace, QueryParams("radium", max_total_tokens=1))
    assert context.chunks == ()
    assert context.entities
