from __future__ import annotations

import pytest

from retrieval.llm.base import Message
from retrieval.query import follow_up

BUILT = Message("user", "Who built the Eddystone lighthouse?")
ANSWER = Message("assistant", "John Smeaton [1].")


@pytest.mark.parametrize(
    "question",
    [
        "And in which year did he do that?",
        "When was it finished?",
        "Who was his wife?",
        "Why?",
        "Symptoms?",
        "What is the price?",
        "What about Paris?",
        "Which ones are open on Sunday?",
        "Wo wurde er geboren?",
        "它在哪裡？",
        "那價格呢？",
        "为什么？",
        "それはどこですか？",
    ],
)
def test_questions_that_need_an_earlier_one_are_follow_ups(question: str) -> None:
    assert follow_up.is_follow_up(question)


@pytest.mark.parametrize(
    "question",
    [
        "Who is Marie Curie?",
        "what is melanoma?",
        "What is the country that borders France?",
        "Which county borders Avery County in North Carolina?",
        "Why is annual follow-up critical for patients with melanoma?",
        "居里夫人發現了什麼？",
        "台積電的總部在哪裡？",
        "Wer war Goethe?",
    ],
)
def test_questions_that_are_clear_by_themselves_are_not(question: str) -> None:
    assert not follow_up.is_follow_up(question)


def test_a_follow_up_is_searched_with_the_questions_it_refers_to() -> None:
    history = [Message("user", "Hello"), Message("assistant", "Hi"), BUILT, ANSWER]
    searched = follow_up.with_earlier_questions("When was it finished?", history)
    assert searched == f"{BUILT.content}\nWhen was it finished?"
    history += [Message("user", "When was it finished?"), Message("assistant", "1759")]
    searched = follow_up.with_earlier_questions("And why?", history)
    assert searched == f"{BUILT.content}\nWhen was it finished?\nAnd why?"


def test_a_new_subject_is_searched_alone() -> None:
    question = "Who is Marie Curie?"
    assert follow_up.with_earlier_questions(question, [BUILT, ANSWER]) == question
    assert follow_up.with_earlier_questions("And why?", []) == "And why?"


def test_a_long_earlier_message_is_cut() -> None:
    history = [Message("user", "x" * 10_000)]
    searched = follow_up.with_earlier_questions("And why?", history)
    assert len(searched) == follow_up.MAX_EARLIER_CHARS + len("\nAnd why?")
