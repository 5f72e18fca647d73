from __future__ import annotations

from dataclasses import replace

import pytest
from asgiref.sync import async_to_sync

from retrieval.query import answer, relevance
from retrieval.query.model_request import NO_CONTEXT
from retrieval.search.params import Mode, QueryParams
from tests.models import FakeModels
from tests.retrieval.conftest import Configure, Library

OUTSIDE = "Which radium tyre pressure suits gravel bicycles?"


@pytest.mark.parametrize(
    ("question", "share"),
    [
        ("Who discovered radium?", 1.0),
        ("Who was the discoverer of radium?", 1.0),
        ("How do I boil radium eggs?", 1 / 3),
        ("What is this document about?", 1.0),
        ("誰發現了鐳？", 0.0),
    ],
)
def test_the_share_of_content_words(question: str, share: float) -> None:
    words, stems = relevance._words_of(["Marie Curie discovered radium in 1898."])
    assert relevance.word_share(question, words, stems) == pytest.approx(share)


@pytest.mark.parametrize(
    ("share", "cosine", "expected"),
    [(0.7, 0.4, True), (0.7, 0.2, False), (0.1, 0.4, False), (0.1, 0.6, True)],
)
def test_few_words_need_a_nearer_chunk(
    share: float, cosine: float, expected: bool
) -> None:
    assert relevance.is_relevant(share, cosine, [0.1, 0.3, 0.5]) is expected


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
