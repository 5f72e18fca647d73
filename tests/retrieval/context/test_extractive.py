from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from asgiref.sync import async_to_sync

from retrieval.context import extractive, references
from retrieval.llm.base import Embedder, Vectors
from retrieval.llm.errors import ProviderDown
from retrieval.llm.testing.fake import FakeEmbedder
from retrieval.search.evidence import FoundChunk

CURIE = (
    "It was a cold winter that year. Marie Curie discovered radium in 1898. "
    "She shared a prize with two others. Then she went home again."
)


class FailingEmbedder(FakeEmbedder):
    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        raise ProviderDown


def chunks(*texts: str, page: int | None = None) -> tuple[FoundChunk, ...]:
    return references.number(
        [
            FoundChunk(f"c{n}", f"d{n}", f"f{n}.txt", text, 1, (), page)
            for n, text in enumerate(texts)
        ]
    )


def answer(
    question: str,
    evidence: Sequence[FoundChunk],
    embedder: Embedder | None = None,
    entities: Sequence[str] = (),
) -> str:
    return async_to_sync(extractive.answer)(
        question, evidence, embedder or FakeEmbedder(), entities
    )


def test_one_quotation_is_enough_if_one_sentence_answers() -> None:
    similar = [f"Radium is element number {n} in that list." for n in range(88, 92)]
    text = answer("When did Curie discover radium?", chunks(CURIE, *similar, page=7))
    assert text == ("> Marie Curie discovered radium in 1898. [1]\n>\n> — f0.txt, p. 7")


def test_sentences_of_a_chunk_are_quoted_together_in_their_order() -> None:
    chunk = "The mill was built of red brick. It rained a lot. The mill burned in 1890."
    text = answer("Tell me all about the old mill of the town", chunks(chunk))
    assert "> The mill was built of red brick. … The mill burned in 1890. [1]" in text


def test_the_rank_of_the_chunk_counts() -> None:
    sentence = "The lighthouse was finished by Smeaton {}."
    results = chunks(sentence.format("early"), sentence.format("late"))
    text = answer("Which lighthouse did Smeaton plan?", results)
    assert text.index("early") < text.index("late")


def test_a_question_without_common_words_is_answered_by_meaning_or_position() -> None:
    assert "[1]" in answer("鐳是誰發現的？", chunks(CURIE))


def test_a_name_in_the_best_sentence_leads_to_the_chunk_with_the_answer() -> None:
    first = "Jump for Glory is a film directed by Raoul Walsh in London."
    others = [f"Glory of number {n} is a film about a ship." for n in range(5)]
    second = "Raoul Walsh lived with Miriam Cooper for eleven years."
    results = chunks(first, *others, second)
    question = "Who is the wife of the director of the film Jump for Glory?"
    assert "Miriam Cooper" in answer(question, results, entities=["Raoul Walsh"])
    assert "Miriam Cooper" in answer(question, results)
    lower = chunks(first.lower(), *others, second.lower())
    assert "miriam cooper" not in answer(question, lower)


def test_names_do_not_lead_to_other_chunks_of_the_same_document() -> None:
    first = "Jump for Glory is a film directed by Raoul Walsh in London."
    second = "Raoul Walsh lived with Miriam Cooper for eleven years."
    others = [f"Glory of number {n} is a film about a ship." for n in range(5)]
    found = [
        replace(chunk, document_id="book") for chunk in chunks(first, *others, second)
    ]
    question = "Who is the wife of the director of the film Jump for Glory?"
    assert "Miriam Cooper" not in answer(question, found)


@pytest.mark.parametrize(
    ("text", "is_quoted"),
    [
        (
            "3 Treatment options Clinical trial Steroids Radiation therapy Targeted "
            "therapy Stem cell rescue Supportive care Treatment",
            False,
        ),
        (
            "Die akute myeloische Leukämie ist eine schwere Erkrankung des blutbildenden "
            "Systems und erfordert eine Treatment.",
            True,
        ),
    ],
)
def test_lists_of_titles_are_not_quoted(text: str, is_quoted: bool) -> None:
    found = chunks(text, "Treatment of the disease begins with steroids.")
    assert (text[:20] in answer("Which treatment?", found)) is is_quoted


def test_if_the_embedder_fails_sentences_are_ranked_by_words() -> None:
    text = answer("When did Curie discover radium?", chunks(CURIE), FailingEmbedder())
    assert text.startswith("> Marie Curie discovered radium in 1898.")


def test_titles_questions_and_contents_are_not_quoted() -> None:
    chunk = (
        "# Radium\n\nWhat is radium and who discovered it?\n"
        "Contents 4 Radium 7 Discovery 12 Use 30 Index 44 End\n\n"
        "Radium glows in the dark for years."
    )
    text = answer("What is radium?", chunks(chunk))
    assert text.startswith("> Radium glows in the dark for years. [1]")


def test_numbers_in_brackets_of_a_document_are_not_quoted_as_citations() -> None:
    text = answer("Who found radium?", chunks("Radium was found by Curie.[12] Yes."))
    assert "[12]" not in text


def test_the_quotations_are_limited() -> None:
    long = chunks(*(f"radium number {n} is " + "x " * 400 for n in range(12)))
    text = answer("radium of all kinds", long)
    assert len(text) < extractive.MAX_CHARS + 500
    assert text.count("> —") <= extractive.MAX_QUOTATIONS


def test_chunks_without_sentences_are_accepted() -> None:
    assert answer("radium?", chunks("...", "!!!")) == ""


def test_in_a_long_chunk_the_sentence_before_has_the_subject() -> None:
    filler = [f"Another sentence about number {n} of the list." for n in range(60)]
    filler[40:41] = [
        "MGZL is a rare lymphoma.",
        "It mostly affects nodes in the chest.",
    ]
    text = answer("Which nodes does MGZL affect?", chunks(" ".join(filler)), None)
    assert "nodes in the chest" in text
