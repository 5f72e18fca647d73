"""Passages with the extractions a real model made of them, found by their text.

A passage is identified by its shingles (runs of five words), so it is found in any
prompt and wherever a chunk was cut.
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
"""Share of a passage's shingles that a prompt must have to contain the passage."""
_PART = 0.15
"""Share that is enough if the prompt contains no passage as a whole."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage's name, text and extraction (the JSON of graph.extraction.prompts)."""

    name: str
    text: str
    extraction: Mapping[str, Any]


class PassageIndex:
    """Finds passages in prompts, in a few milliseconds for a prompt of 1,200 tokens."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self._passages = tuple(passages)
        self._shingles = [set(_shingles(p.text)) for p in self._passages]
        self._numbers: dict[int, list[int]] = defaultdict(list)
        for number, shingles in enumerate(self._shingles):
            for shingle in shingles:
                self._numbers[shingle].append(number)

    def find(self, text: str) -> list[Passage]:
        """Return the passages that `text` contains, or the one it has the most of.

        The shingles of a match are removed before the next search, so that its
        near-duplicates are not found as well.
        """
        remaining = set(_shingles(text))
        matches: list[int] = []
        while best := self._best(remaining, text):
            number, share = best
            if share < (_WHOLE if matches else _PART):
                break
            matches.append(number)
            remaining -= self._shingles[number]
            if share < _WHOLE:
                break
        return [self._passages[number] for number in sorted(matches)]

    def _best(self, shingles: set[int], text: str) -> tuple[int, float] | None:
        """Return the passage with the most of these shingles, and its share of them."""
        votes = Counter(
            number for shingle in shingles for number in self._numbers.get(shingle, ())
        )
        if not votes:
            return None
        shares = {
            number: n / len(self._shingles[number]) for number, n in votes.items()
        }
        top = max((votes[number], shares[number]) for number in votes)
        tied = [number for number in votes if (votes[number], shares[number]) == top]
        # Near-duplicates may differ only in punctuation, which shingles ignore.
        best = max(tied, key=lambda number: self._passages[number].text in text)
        return best, shares[best]


def _shingles(text: str) -> Iterator[int]:
    words = _WORD.findall(text.lower())
    if len(words) < _SHINGLE:
        yield hash(tuple(words))
    for start in range(len(words) - _SHINGLE + 1):
        yield hash(tuple(words[start : start + _SHINGLE]))


@cache
def load(*, medical: str = "", musique: str = "") -> PassageIndex:
    """Return an index of these files; an empty path is skipped. Cached per process."""
    passages = [*_medical(medical)] if medical else []
    return PassageIndex([*passages, *(_musique(musique) if musique else ())])


def _medical(path: str) -> Iterator[Passage]:
    """Read `chunks.json`: chunks with described and typed entities and relationships."""
    for chunk in json.loads(Path(path).read_text("utf-8")):
        extraction = {
            "entities": chunk["entities"],
            "relationships": chunk["relationships"],
        }
        yield Passage(f"medical:{chunk['order']}", chunk["content"], extraction)


def _musique(path: str) -> Iterator[Passage]:
    """Read `passages.json`: passages with names and triples."""
    for number, passage in enumerate(json.loads(Path(path).read_text("utf-8"))):
        yield Passage(f"musique:{number}", passage["text"], _of_triples(passage))


def _of_triples(passage: Mapping[str, Any]) -> dict[str, Any]:
    triples = [triple for triple in passage["triples"] if len(triple) == 3]
    descriptions: dict[str, list[str]] = {name: [] for name in passage["entities"]}
    for source, _, target in triples:
        descriptions.setdefault(source, [])
        descriptions.setdefault(target, [])
    for triple in triples:
        for name in {triple[0], triple[2]}:
            descriptions[name].append(_sentence(triple))
    return {
        "entities": [
            {
                "name": name,
                "type": "Other",
                "description": " ".join(sentences)
                or f"{name} is mentioned in {passage['title']}.",
            }
            for name, sentences in descriptions.items()
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
