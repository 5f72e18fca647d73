from __future__ import annotations

import pytest

from retrieval.context import sentences


def texts(text: str) -> list[str]:
    parts = sentences.split(text)
    assert all(text[part.start : part.end] == part.text for part in parts)
    return [part.text for part in parts]


def test_abbreviations_initials_and_numbers_do_not_end_a_sentence() -> None:
    text = "G. Stanley Hall met Dr. Smith in St. Louis. It cost 3.5 kg, e.g. of lead. A U.S. B-29."
    assert texts(text) == [
        "G. Stanley Hall met Dr. Smith in St. Louis.",
        "It cost 3.5 kg, e.g. of lead.",
        "A U.S. B-29.",
    ]


def test_chinese_sentences_end_without_a_space() -> None:
    assert texts("今天天氣好。「是嗎？」他問。") == [
        "今天天氣好。",
        "「是嗎？」",
        "他問。",
    ]


def test_a_wrapped_line_does_not_end_a_sentence_but_blocks_do() -> None:
    wrapped = "This is a wrapped line of a text that continues\nin the next line."
    assert texts(f"# Title\n{wrapped}\n- one\n- two\n\nEnd") == [
        "# Title",
        wrapped,
        "- one",
        "- two",
        "End",
    ]


def test_text_without_letters_has_no_sentences() -> None:
    assert texts("...\n\n—\n!!!") == []


@pytest.mark.parametrize("part", ["\n", "A. ", "1. ", " ", "a\n", "。"])
def test_unusual_texts_are_split_in_linear_time(part: str) -> None:
    sentences.split(part * 20_000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Contents 4 About cancer 7 Testing 12 Treatment 30 Questions 44 Words", True),
        ("Introduction ....... 3\nMethods ....... 9", True),
        ("In 1898 Marie Curie discovered radium with Pierre in a shed.", False),
        ("Grades 1, 2, 3 and 4 differ.", False),
    ],
)
def test_tables_of_contents_are_recognized(text: str, expected: bool) -> None:
    assert sentences.is_table_of_contents(text) is expected
