from __future__ import annotations

import json

from retrieval.context import prompt_context, serialize
from retrieval.context.prompt_context import Context
from retrieval.search.evidence import (
    Evidence,
    Facts,
    FoundEntity,
    FoundRelation,
    Passage,
)
from retrieval.search.params import Mode

PASSAGES = [
    Passage(f"c{n}", f"d{n % 2}", f"f{n % 2}.txt", f"text {n}", 10) for n in range(5)
]


def test_as_many_passages_as_fit_are_kept_and_numbered() -> None:
    cost = serialize.passage_tokens(PASSAGES[0], headings=True)
    kept = prompt_context.fit(
        PASSAGES, prompt_context.RESERVE + 3 * (cost + 1), headings=True
    )
    assert [(passage.chunk_id, passage.reference_id) for passage in kept] == [
        ("c0", "1"),
        ("c1", "2"),
        ("c2", "1"),
    ]
    assert prompt_context.fit(PASSAGES, prompt_context.RESERVE, headings=True) == ()


def test_the_text_has_a_block_for_each_kind_and_the_files_last() -> None:
    kept = prompt_context.fit(PASSAGES[:2], 10_000, headings=True)
    found = Context(
        Mode.MIX,
        entities=(FoundEntity(1, "A", "t", "a", 1, 0),),
        relations=(FoundRelation(1, 1, 2, "A", "B", "ab", "", 1.0, 2, 0),),
        passages=kept,
    )
    headings = [line for line in found.text.splitlines() if line.startswith("#")]
    assert headings == [
        prompt_context.ENTITIES,
        prompt_context.RELATIONS,
        prompt_context.PASSAGES,
        prompt_context.FILES,
    ]
    data = [
        json.loads(line) for line in found.text.splitlines() if line.startswith("{")
    ]
    assert [row.get("content") for row in data[2:]] == ["text 0", "text 1"]
    assert found.text.endswith("[1] f0.txt\n[2] f1.txt")


def test_a_naive_context_has_passages_and_files_alone() -> None:
    found = Context(
        Mode.NAIVE, passages=prompt_context.fit(PASSAGES[:1], 999, headings=True)
    )
    assert found.text.startswith(prompt_context.PASSAGES)
    assert prompt_context.ENTITIES not in found.text


def test_counts_are_upstreams() -> None:
    facts = Facts((FoundEntity(1, "A", "t", "a", 1, 0),), (), 7, 9)
    evidence = Evidence(facts, (), 30)
    assert prompt_context.counts(Mode.MIX, evidence, PASSAGES) == {
        "total_entities_found": 7,
        "total_relations_found": 9,
        "entities_after_truncation": 1,
        "relations_after_truncation": 0,
        "merged_chunks_count": 30,
        "final_chunks_count": 5,
    }
    assert prompt_context.counts(Mode.BYPASS, Evidence(), ()) == {}
