from __future__ import annotations

from retrieval.context import quotes
from tests.retrieval.context.test_extractive import CURIE, chunks


def test_the_chunk_with_more_words_of_the_text_comes_first() -> None:
    best = quotes.best_quotes(
        "Who discovered radium?", chunks("Radium shines in the dark.", CURIE)
    )
    assert [quote.chunk.file_path for quote in best] == ["f1.txt", "f0.txt"]


def test_the_length_and_the_number_of_quotes_are_limited() -> None:
    long = chunks(*(f"radium {n} " + "x" * 2000 for n in range(12)))
    best = quotes.best_quotes("radium", long)
    assert len(best) == quotes.MAX_QUOTES
    assert all(len(quote.text) <= quotes.MAX_QUOTE_CHARS + 1 for quote in best)


def test_overlapping_chunks_are_quoted_once() -> None:
    text = "Marie Curie discovered radium in 1898."
    assert len(quotes.best_quotes("radium", chunks(text, text))) == 1


def test_headings_are_not_quoted() -> None:
    text = "# Why the cable failed\n\nThe insulation gave way. The cable failed."
    [quote] = quotes.best_quotes("Why did the cable fail?", chunks(text))
    assert quote.text == "The cable failed."


def test_a_long_quote_ends_with_a_whole_word() -> None:
    assert quotes.truncate("Released by\nUnited Artists", 17) == "Released by…"
    assert quotes.truncate("Released by United Artists", 18) == "Released by United…"
    assert quotes.truncate("Released by United", 18) == "Released by United"


def test_a_long_quote_without_spaces_is_cut_at_the_limit() -> None:
    assert quotes.truncate("烏山頭水庫" * 20, 50) == "烏山頭水庫" * 10 + "…"
