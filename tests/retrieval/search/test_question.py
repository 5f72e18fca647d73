from __future__ import annotations

from retrieval.search import question
from retrieval.search.question import Keywords


def test_missing_keywords_are_replaced_by_the_question() -> None:
    keywords = Keywords(high=(), low=("Marie Curie", "radium"))
    assert question.texts_to_embed("Who?", keywords) == (
        "Who?",
        "Marie Curie, radium",
        "Who?",
    )


def test_words_are_distinct_and_limited() -> None:
    assert question.words("Who is who? 居里夫人") == "who is 居里 里夫 夫人"
    many = " ".join(f"w{number}" for number in range(1000))
    assert len(question.words(many).split()) == question.MAX_WORDS


def test_possible_names_include_runs_of_words() -> None:
    names = question.possible_names(["Did Marie Curie like “Radium”?"])
    assert {"Marie Curie", "Marie", "Radium"} <= set(names)
    assert "居里夫人" in question.possible_names(["居里夫人发现了什么"])


def test_short_names_of_a_long_question_come_first() -> None:
    names = question.possible_names([" ".join(f"W{number}" for number in range(200))])
    assert {"W0", "W199", "W3 W4"} <= set(names)


def test_possible_names_are_limited() -> None:
    assert len(question.possible_names(["名" * 65000])) <= question.MAX_NAMES
    assert len(question.possible_names(["a b " * 16000])) <= question.MAX_NAMES
