from __future__ import annotations

from retrieval.context import extractive, references
from retrieval.search.evidence import FoundChunk


def passages(*texts: str, page: int | None = None) -> tuple[FoundChunk, ...]:
    return references.number(
        [
            FoundChunk(f"c{n}", f"d{n}", f"f{n}.txt", text, 1, (), page)
            for n, text in enumerate(texts)
        ]
    )


CURIE = (
    "It was a cold winter. Marie Curie discovered radium in 1898. She shared a prize. "
    "Then she went home."
)


def test_the_sentences_that_answer_are_quoted_with_their_number_and_page() -> None:
    text = extractive.answer("When did Curie discover radium?", passages(CURIE, page=7))
    assert text.startswith(extractive.NOTICE)
    assert "> Marie Curie discovered radium in 1898." in text
    assert "[1]" in text
    assert "f0.txt, p. 7" in text
    assert "cold winter" not in text


def test_the_passage_that_holds_more_of_the_question_comes_first() -> None:
    found = extractive.best_quotes(
        "Who discovered radium?", passages("Radium shines in the dark.", CURIE)
    )
    assert [quote.chunk.file_path for quote in found] == ["f1.txt", "f0.txt"]


def test_a_chinese_question_is_answered_in_chinese_sentences() -> None:
    found = passages("天氣很好。居里夫人於1898年發現了鐳。後來她得獎了。")
    text = extractive.answer("居里夫人發現了什麼？", found)
    assert text.startswith(extractive.NOTICE_HAN)
    assert "> 居里夫人於1898年發現了鐳。" in text


def test_a_question_in_another_language_gets_the_nearest_passages_beginnings() -> None:
    text = extractive.answer("鐳是誰發現的？", passages(CURIE))
    assert "> It was a cold winter." in text
    assert "[1]" in text


def test_a_long_sentence_is_cut_and_the_number_of_quotes_bounded() -> None:
    long = passages(*(f"radium {n} " + "x" * 2000 for n in range(12)))
    quotes = extractive.best_quotes("radium", long)
    assert len(quotes) == extractive.MAX_QUOTES
    assert all(len(quote.text) <= extractive.MAX_QUOTE_CHARS + 1 for quote in quotes)


def test_what_two_overlapping_passages_share_is_quoted_once() -> None:
    text = "Marie Curie discovered radium in 1898."
    assert len(extractive.best_quotes("radium", passages(text, text))) == 1


def test_passages_without_sentences_do_not_break_the_answer() -> None:
    assert extractive.answer("radium?", ()) == extractive.NOTHING_TO_QUOTE
    assert extractive.NOTICE in extractive.answer("radium?", passages("...", "!!!"))


def test_a_quote_of_several_lines_stays_a_quote() -> None:
    text = extractive.answer(
        "radium?", passages("# Radium\n\nRadium glows.\nRadium decays.")
    )
    assert all(not line or line.startswith(">") for line in text.splitlines()[1:])


def test_a_heading_is_not_quoted_for_a_sentence() -> None:
    text = "# Why the cable failed\n\nThe insulation gave way. The cable failed."
    [quote] = extractive.best_quotes("Why did the cable fail?", passages(text))
    assert quote.text == "The cable failed."
