from __future__ import annotations

from retrieval.context import shared_names

TEXTS = [
    "Ada worked with Babbage.",
    "Babbage built an engine in London.",
    "London is a city.",
    "Babbage was born in London.",
]
RANKS = [0, 1, 2, 3]


def test_a_name_is_rarer_the_fewer_other_chunks_have_it() -> None:
    names = shared_names.beside("Who was Ada?", TEXTS, RANKS, ["Babbage", "London"])
    assert names[1] == {"babbage", "london"}
    assert shared_names.rarity(names, RANKS, 0) == [0, 0.5**0.5, 0, 0.5**0.5]
    assert shared_names.rarity(names, RANKS, 2) == [0, 0.5**0.5, 0, 0.5**0.5]


def test_names_of_neighbours_in_the_same_chunk_count() -> None:
    names = shared_names.beside("", TEXTS, [0, 0, 1, 1], ["Babbage", "London"])
    assert names[0] == {"babbage", "london"}
    assert shared_names.rarity(names, [0, 0, 1, 1], 0) == [0, 0, 1, 1]


def test_names_of_the_question_common_nouns_and_numbers_do_not_count() -> None:
    texts = ["The Engine of 1890 and the engine of Ada."]
    entities = ["Ada", "Engine", "1890", "An"]
    assert shared_names.beside("Ada?", texts, [0], entities) == [frozenset()]


def test_names_in_a_script_without_case_count() -> None:
    texts = ["張忠謀創辦台積電。", "台積電位於新竹。"]
    names = shared_names.beside("誰?", texts, [0, 1], ["台積電"])
    assert shared_names.rarity(names, [0, 1], 0) == [0, 1]


def test_capitalised_words_stand_for_names() -> None:
    texts = [
        "The film of Raoul Walsh.",
        "He was born in the City of New York. The end.",
    ]
    assert shared_names.capitalised(texts) == ("Raoul Walsh", "City of New York")
