"""Questions composed of two extracted triples of different paragraphs that share a name.

"What bordered by the one that James Elliot Cabot born in?" needs the paragraph of Cabot
and that of his place of birth. They are used where the known questions of MuSiQue were
seen while constants were chosen.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

MAX_PARAGRAPHS_OF_SUBJECT = 2
MAX_PARAGRAPHS_OF_SHARED_NAME = 6
MAX_ANSWER_WORDS = 5
MIN_ANSWER_CHARS = 3


@dataclass(frozen=True, slots=True)
class Fact:
    """A triple that a model extracted from a paragraph."""

    paragraph: int
    subject: str
    verb: str
    object_: str


@dataclass(frozen=True, slots=True)
class Composed:
    """A question about `name`, its answer, the two paragraphs, and another fact of the name."""

    question: str
    name: str
    answer: str
    paragraphs: tuple[int, int]
    other_fact: str


def questions(
    passages: Sequence[dict[str, Any]], number: int, seed: int = 7
) -> list[Composed]:
    """Return at most `number` questions, one for each pair of paragraphs."""
    facts = list(_facts(passages))
    facts_of: dict[str, list[Fact]] = defaultdict(list)
    paragraphs_of: dict[str, set[int]] = defaultdict(set)
    for fact in facts:
        facts_of[fact.subject.lower()].append(fact)
        for name in (fact.subject, fact.object_):
            paragraphs_of[name.lower()].add(fact.paragraph)
    every = [
        _composed(first, second, facts_of[first.subject.lower()])
        for first in facts
        if _is_rare_name(first.subject, paragraphs_of)
        and _links(first.object_, paragraphs_of)
        for second in facts_of[first.object_.lower()]
        if _is_answer(second.object_, first, second.paragraph, passages)
    ]
    random.Random(seed).shuffle(every)
    by_pair = {item.paragraphs: item for item in reversed(every)}
    return list(by_pair.values())[:number]


def _facts(passages: Sequence[dict[str, Any]]) -> Iterator[Fact]:
    for number, passage in enumerate(passages):
        for triple in passage["triples"]:
            if len(triple) == 3:
                yield Fact(number, *(part.strip() for part in triple))


def _composed(first: Fact, second: Fact, own: Sequence[Fact]) -> Composed:
    others = (f"{f.verb} {f.object_}" for f in own if f.object_ != first.object_)
    return Composed(
        f"What {second.verb} the one that {first.subject} {first.verb}?",
        first.subject,
        second.object_,
        (first.paragraph, second.paragraph),
        next(others, ""),
    )


def _is_rare_name(name: str, paragraphs_of: dict[str, set[int]]) -> bool:
    return (
        len(name) >= 4 and len(paragraphs_of[name.lower()]) <= MAX_PARAGRAPHS_OF_SUBJECT
    )


def _links(name: str, paragraphs_of: dict[str, set[int]]) -> bool:
    count = len(paragraphs_of[name.lower()])
    return (
        len(name) >= 4
        and name[0].isupper()
        and 2 <= count <= MAX_PARAGRAPHS_OF_SHARED_NAME
    )


def _is_answer(
    answer: str, first: Fact, second: int, passages: Sequence[dict[str, Any]]
) -> bool:
    """Return True if only the second paragraph contains the answer."""
    lower = answer.lower()
    return (
        second != first.paragraph
        and len(answer) >= MIN_ANSWER_CHARS
        and (answer[0].isupper() or answer[0].isdigit())
        and len(answer.split()) <= MAX_ANSWER_WORDS
        and lower != first.subject.lower()
        and lower not in passages[first.paragraph]["text"].lower()
        and lower in passages[second]["text"].lower()
    )
