"""Generated documents of 60 words with nine entities each, the same in every run."""

from __future__ import annotations

import random
from itertools import product

FIRST = ("Al", "Be", "Ca", "Do", "El", "Fi", "Gu", "Ha", "Iv", "Jo", "Ka", "Lu", "Mo")
SECOND = ("mar", "nor", "lin", "dak", "ros", "vek", "tun", "zor", "pil", "sam", "bek")
THIRD = ("a", "en", "is", "o", "um", "ik", "ard", "eth", "ov", "ane")
VERBS = ("met", "visited", "founded", "studied", "described", "left", "praised")
FILLER = ("in", "the", "old", "quiet", "year", "before", "they")
NAMES = ["".join(parts) for parts in product(FIRST, SECOND, THIRD)]
MENTIONS = 9


def document(number: int) -> str:
    """Return 60 words with nine names; about eight of them occur in no other document."""
    chance = random.Random(number)
    words: list[str] = []
    for _ in range(MENTIONS):
        name = f"{chance.choice(NAMES)} {chance.choice(NAMES)}"
        words += [name, chance.choice(VERBS), *chance.sample(FILLER, 4)]
    return " ".join(" ".join(words).split()[:60]) + f". Note {number}."


def question(number: int) -> str:
    """Return a question about two names of one document."""
    chance = random.Random(number)
    words = document(number).split()
    return f"What links {words[0]} {words[1]} with {chance.choice(words[10:50])}?"
