from __future__ import annotations

from retrieval.search import question
from retrieval.search.question import Keywords


def test_keywords_are_joined_and_missing_ones_are_the_question() -> None:
    found = Keywords(high=(), low=("Marie Curie", "radium"))
    assert question.texts_to_embed("Who?", found) == (
        "Who?",
        "Marie Curie, radium",
        "Who?",
    )


def test_words_are_asked_once_and_not_without_end() -> None:
    assert question.words("Who is who? 居里夫人") == "who is 居里 里夫 夫人"
    many = " ".join(f"w{number}" for number in range(1000))
    assert len(question.words(many).split()) == question.MAX_WORDS


def test_a_question_holds_the_names_that_may_be_in_it() -> None:
    names = question.possible_names(["Did Marie Curie like “Radium”?"])
    assert {"Marie Curie", "Marie", "Radium"} <= set(names)
    assert "居里夫人" in question.possible_names(["居里夫人发现了什么"])


def test_a_long_question_gives_its_short_names_first() -> None:
    names = question.possible_names([" ".join(f"W{number}" for number in range(200))])
    assert {"W0", "W199", "W3 W4"} <= set(names)


def test_possible_names_have_an_end() -> None:
    assert len(question.possible_names(["名" * 65000])) <= question.MAX_NAMES
    assert len(question.possible_names(["a b " * 16000])) <= question.MAX_NAMES
