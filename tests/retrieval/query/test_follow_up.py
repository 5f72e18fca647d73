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
        "When did the Beatles release their first album?",
        "Where did Einstein live when he was young?",
        "Is it possible to visit Oslo in winter?",
        "How long does it take to fly to Oslo?",
        "¿Qué es la fotosíntesis?",
        "Qual è il fiume più lungo d'Italia?",
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


@pytest.mark.parametrize(
    ("earlier", "question", "searched"),
    [
        ("Tell me about Oslo.", "When was it founded?", "When was Oslo founded?"),
        ("Oslo", "What is its population?", "What is Oslo's population?"),
        ("Who is Marie Curie?", "Where was she born?", "Where was Marie Curie born?"),
        (
            "I have a question about Dead Ernest.",
            "Where was the author of it born?",
            "Where was the author of Dead Ernest born?",
        ),
        (
            "What is the tallest mountain in Kenya?",
            "How high is it?",
            "How high is the tallest mountain in Kenya?",
        ),
        (
            "Could you tell me something about the Admiral Twin, please?",
            "Is it true that it opened in 1998?",
            "Is it true that the Admiral Twin opened in 1998?",
        ),
    ],
)
def test_the_subject_of_the_last_message_replaces_a_pronoun(
    earlier: str, question: str, searched: str
) -> None:
    history = [Message("user", earlier), Message("assistant", "…")]
    history += [Message("user", "Thanks!"), Message("assistant", "You're welcome.")]
    assert follow_up.with_earlier_questions(question, history) == searched


@pytest.mark.parametrize(
    ("earlier", "question"),
    [
        ("Who discovered Bell Rock?", "And when did he do that?"),
        ("What causes basal cell carcinoma?", "How is it treated?"),
        ("I was in Oslo. It rained all day.", "How many people live in it?"),
        ("台積電是什麼公司？", "它在哪裡？"),
    ],
)
def test_messages_that_say_more_are_searched_with_the_question(
    earlier: str, question: str
) -> None:
    history = [Message("user", earlier)]
    searched = follow_up.with_earlier_questions(question, history)
    assert searched == f"{earlier}\n{question}"


def test_a_new_subject_is_searched_alone() -> None:
    question = "Who is Marie Curie?"
    assert follow_up.with_earlier_questions(question, [BUILT, ANSWER]) == question
    assert follow_up.with_earlier_questions("And why?", []) == "And why?"


def test_a_long_earlier_message_is_cut() -> None:
    history = [Message("user", "x" * 10_000)]
    searched = follow_up.with_earlier_questions("And why?", history)
    assert len(searched) == follow_up.MAX_EARLIER_CHARS + len("\nAnd why?")
