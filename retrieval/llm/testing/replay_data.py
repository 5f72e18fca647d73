"""Passages with the extractions a real model once made of them, found by their text.

A passage is known by its shingles (runs of five words), so it is found in a prompt
whatever stands around it and wherever a chunk was cut.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_WORD = re.compile(r"\w+")
_SHINGLE = 5
_WHOLE = 0.6
"""A passage so much of whose shingles stand in a prompt is in it."""
_PART = 0.15
"""With so few of them, only the one that is most of a prompt is."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage's name and its extraction as JSON (the contract of graph.extraction.prompts)."""

    name: str
    text: str
    extraction: Mapping[str, Any]


class PassageIndex:
    """Finds passages in prompts: some milliseconds for a prompt of 1,200 tokens."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self._passages = tuple(passages)
        self._shingles = [set(_shingles(p.text)) for p in self._passages]
        self._known: dict[int, list[int]] = defaultdict(list)
        for number, shingles in enumerate(self._shingles):
            for shingle in shingles:
                self._known[shingle].append(number)

    def find(self, text: str) -> list[Passage]:
        """The passages that stand in `text` whole, or the one it holds most of.

        Each accounts for its part of the text, so that its near-duplicates are not
        found as well.
        """
        left = set(_shingles(text))
        found: list[int] = []
        while best := self._best(left, text):
            number, share = best
            if share < (_WHOLE if found else _PART):
                break
            found.append(number)
            left -= self._shingles[number]
            if share < _WHOLE:
                break
        return [self._passages[number] for number in sorted(found)]

    def _best(self, shingles: set[int], text: str) -> tuple[int, float] | None:
        """The passage with most of its shingles in these, and its share of them."""
        votes = Counter(
            number for shingle in shingles for number in self._known.get(shingle, ())
        )
        if not votes:
            return None
        shares = {
            number: n / len(self._shingles[number]) for number, n in votes.items()
        }
        top = max((votes[number], shares[number]) for number in votes)
        tied = [number for number in votes if (votes[number], shares[number]) == top]
        # Twins differ by punctuation alone.
        best = max(tied, key=lambda number: self._passages[number].text in text)
        return best, shares[best]


def _shingles(text: str) -> Iterator[int]:
    words = _WORD.findall(text.lower())
    if len(words) < _SHINGLE:
        yield hash(tuple(words))
    for start in range(len(words) - _SHINGLE + 1):
        yield hash(tuple(words[start : start + _SHINGLE]))


@cache
def index(medical: str, musique: str) -> PassageIndex:
    """An index of these files; an empty path is left out. Kept per process."""
    passages = [*_medical(medical)] if medical else []
    return PassageIndex([*passages, *(_musique(musique) if musique else ())])


def _medical(path: str) -> Iterator[Passage]:
    """`chunks.json`: chunks with described and typed entities and relationships."""
    for chunk in json.loads(Path(path).read_text("utf-8")):
        extraction = {
            "entities": chunk["entities"],
            "relationships": chunk["relationships"],
        }
        yield Passage(f"medical:{chunk['order']}", chunk["content"], extraction)


def _musique(path: str) -> Iterator[Passage]:
    """`passages.json`: passages with names and triples."""
    for number, passage in enumerate(json.loads(Path(path).read_text("utf-8"))):
        yield Passage(f"musique:{number}", passage["text"], _of_triples(passage))


def _of_triples(passage: Mapping[str, Any]) -> dict[str, Any]:
    triples = [triple for triple in passage["triples"] if len(triple) == 3]
    said: dict[str, list[str]] = {name: [] for name in passage["entities"]}
    for source, _, target in triples:
        said.setdefault(source, [])
        said.setdefault(target, [])
    for triple in triples:
        for name in {triple[0], triple[2]}:
            said[name].append(_sentence(triple))
    return {
        "entities": [
            {
                "name": name,
                "type": "Other",
                "description": " ".join(sentences)
                or f"{name} is mentioned in {passage['title']}.",
            }
            for name, sentences in said.items()
        ],
        "relationships": [
            {
                "source": triple[0],
                "target": triple[2],
                "keywords": triple[1],
                "description": _sentence(triple),
            }
            for triple in triples
        ],
    }


def _sentence(triple: list[str]) -> str:
    return f"{' '.join(triple)}."
