from __future__ import annotations

from dataclasses import replace

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test.utils import CaptureQueriesContext

from retrieval.query import answer, relevance
from retrieval.query.model_request import NO_CONTEXT
from retrieval.query.relevance import ComparedText
from retrieval.search.params import Mode, QueryParams
from tests.models import FakeModels
from tests.retrieval.conftest import Configure, Library, analysed

OUTSIDE = "Which radium tyre pressure suits gravel bicycles?"


CHUNKS = (
    ComparedText("Marie Curie discovered radium in Paris in 1898."),
    ComparedText("鐳是居禮夫人於1898年在巴黎發現的元素。"),
)


@pytest.mark.parametrize(
    "question",
    [
        "Who discovered radium?",
        "Who was the discoverer of radium?",
        "Who found Radium?",
        "who found radium",
        "Radium?",
        "radiums",
        "Which famous scientist was called Marie?",
        "Which scientist was called Marie in 1898?",
        "What is this document about?",
        "這份文件的重點是什麼？",
        "誰發現了鐳？",
        "誰找到鐳？",
        "居禮夫人在哪裡發現元素？",
    ],
)
def test_words_of_the_question_in_a_chunk_are_enough(question: str) -> None:
    assert relevance.match_words(question, CHUNKS).is_enough


@pytest.mark.parametrize(
    ("question", "share"),
    [
        ("How do I boil radium eggs?", 1 / 3),
        ("Which radium tyre pressure suits gravel bicycles?", 1 / 6),
        ("Which scientist worked around 1898?", 1 / 4),
        ("Does Paris host gravel bicycle races?", 1 / 5),
        ("Hello!", 0.0),
        ("thanks a lot", 0.0),
        ("Penicillin?", 0.0),
        ("雞蛋要煮多久？", 0.0),
        ("忘記密碼怎麼辦？", 0.0),
    ],
)
def test_few_words_of_the_question_are_not_enough(question: str, share: float) -> None:
    match = relevance.match_words(question, CHUNKS)
    assert not match.is_enough
    assert match.share == pytest.approx(share)


def test_words_spread_over_several_chunks_are_not_counted_together() -> None:
    match = relevance.match_words(
        "boil fresh eggs slowly", map(ComparedText, ("boil", "fresh", "eggs"))
    )
    assert match == relevance.WordMatch(0.25, is_enough=False)


def test_words_far_apart_in_a_long_chunk_are_not_counted_together() -> None:
    filler = "word " * relevance.WINDOW_WORDS
    chunk = ComparedText(f"boil {filler} fresh {filler} eggs", title="slowly")
    match = relevance.match_words("boil fresh eggs slowly", [chunk])
    assert match == relevance.WordMatch(0.5, is_enough=False)
    near = ComparedText(f"{filler} boil fresh eggs {filler}", title="slowly")
    assert relevance.match_words("boil fresh eggs slowly", [near]).is_enough


@pytest.mark.parametrize(
    ("share", "cosine", "expected"),
    [(0.4, 0.6, True), (0.4, 0.45, False), (0.3, 0.45, False), (0.1, 0.6, True)],
)
def test_few_words_need_a_nearer_chunk(
    share: float, cosine: float, expected: bool
) -> None:
    assert relevance.is_near(share, cosine, [0.1, 0.2, 0.3, 0.4, 0.5]) is expected


@pytest.mark.parametrize("mode", [Mode.NAIVE, Mode.MIX])
def test_another_verb_is_answered_in_a_workspace_of_one_document(
    library: Library, configure: Configure, mode: Mode
) -> None:
    configure(query__keyword_extraction="none")
    library.document("curie.txt", CHUNKS[0].content)
    params = QueryParams("Who found Radium?", mode, only_need_context=True)
    assert async_to_sync(answer.ask)(library.workspace, params).references


@pytest.mark.parametrize("mode", [Mode.NAIVE, Mode.MIX, Mode.HYBRID])
def test_a_question_from_outside_finds_nothing_and_calls_no_model(
    curies: Library, models: FakeModels, configure: Configure, mode: Mode
) -> None:
    configure(query__keyword_extraction="none")
    params = QueryParams(OUTSIDE, mode)
    result = async_to_sync(answer.ask)(curies.workspace, params)
    assert (result.text, result.references) == (NO_CONTEXT, ())
    assert models.chat.calls == 0


def test_the_check_can_be_disabled(curies: Library, configure: Configure) -> None:
    configure(query__keyword_extraction="none", query__relevance_check=False)
    params = QueryParams(OUTSIDE, Mode.MIX)
    params = replace(params, only_need_context=True)
    result = async_to_sync(answer.ask)(curies.workspace, params)
    assert result.references


def test_the_cosines_of_the_probes_are_kept_for_a_minute(
    curies: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = analysed(curies.workspace, QueryParams(OUTSIDE))
    probes = async_to_sync(relevance._probes)(question)
    results, sizes = [], []
    for seconds in (60.0, 60.0, -1.0):
        monkeypatch.setattr(relevance, "KEEP_SECONDS", seconds)
        with CaptureQueriesContext(connection) as captured:
            results.append(relevance._compare_with_probes(question, probes))
        sizes.append(len(captured[-2]["sql"]))  # the last one ends the transaction
    assert results[0] == results[1] == results[2]
    computed, kept, computed_again = sizes
    assert kept < computed / 2
    assert computed_again == computed
