from __future__ import annotations

from retrieval.context import extractive, references
from retrieval.search.evidence import FoundChunk


def chunks(*texts: str, page: int | None = None) -> tuple[FoundChunk, ...]:
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


def test_quotes_have_a_reference_number_and_a_page() -> None:
    text = extractive.answer("When did Curie discover radium?", chunks(CURIE, page=7))
    assert text.startswith(extractive.NOTICE)
    assert "> Marie Curie discovered radium in 1898." in text
    assert "[1]" in text
    assert "f0.txt, p. 7" in text
    assert "cold winter" not in text


def test_the_chunk_with_more_words_of_the_question_comes_first() -> None:
    found = extractive.best_quotes(
        "Who discovered radium?", chunks("Radium shines in the dark.", CURIE)
    )
    assert [quote.chunk.file_path for quote in found] == ["f1.txt", "f0.txt"]


def test_a_chinese_question_gets_a_chinese_notice_and_quotes() -> None:
    found = chunks("天氣很好。居里夫人於1898年發現了鐳。後來她得獎了。")
    text = extractive.answer("居里夫人發現了什麼？", found)
    assert text.startswith(extractive.NOTICE_HAN)
    assert "> 居里夫人於1898年發現了鐳。" in text


def test_without_common_words_the_first_sentences_are_quoted() -> None:
    text = extractive.answer("鐳是誰發現的？", chunks(CURIE))
    assert "> It was a cold winter." in text
    assert "[1]" in text


def test_long_quotes_and_their_number_are_limited() -> None:
    long = chunks(*(f"radium {n} " + "x" * 2000 for n in range(12)))
    quotes = extractive.best_quotes("radium", long)
    assert len(quotes) == extractive.MAX_QUOTES
    assert all(len(quote.text) <= extractive.MAX_QUOTE_CHARS + 1 for quote in quotes)


def test_overlapping_chunks_are_quoted_once() -> None:
    text = "Marie Curie discovered radium in 1898."
    assert len(extractive.best_quotes("radium", chunks(text, text))) == 1


def test_chunks_without_sentences_are_accepted() -> None:
    assert extractive.answer("radium?", ()) == extractive.NOTHING_TO_QUOTE
    assert extractive.NOTICE in extractive.answer("radium?", chunks("...", "!!!"))


def test_a_quote_has_no_line_breaks() -> None:
    text = extractive.answer(
        "radium?", chunks("# Radium\n\nRadium glows.\nRadium decays.")
    )
    assert all(not line or line.startswith(">") for line in text.splitlines()[1:])


def test_headings_are_not_quoted() -> None:
    text = "# Why the cable failed\n\nThe insulation gave way. The cable failed."
    [quote] = extractive.best_quotes("Why did the cable fail?", chunks(text))
    assert quote.text == "The cable failed."
