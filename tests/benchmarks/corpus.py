"""Made-up documents of 60 words that mention nine entities each, always the same."""

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
    """Nine names in 60 words; eight of the names are nearly always new."""
    chance = random.Random(number)
    words: list[str] = []
    for _ in range(MENTIONS):
        name = f"{chance.choice(NAMES)} {chance.choice(NAMES)}"
        words += [name, chance.choice(VERBS), *chance.sample(FILLER, 4)]
    return " ".join(" ".join(words).split()[:60]) + f". Note {number}."


def question(number: int) -> str:
    """About two names of one document."""
    chance = random.Random(number)
    words = document(number).split()
    return f"What links {words[0]} {words[1]} with {chance.choice(words[10:50])}?"
