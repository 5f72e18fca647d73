"""Entities and relations from the terms of sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from graph.extraction import entity_names
from graph.extraction.records import EntityRecord, Extraction, RelationRecord

CONCEPT = "concept"
_MAX_DESCRIPTION = 300
_MIN_LENGTH = 2
_MAX_LENGTH = 80
_MIN_OCCURRENCES = 3
_MAX_CHINESE_WORD = 3
"""Upper bound on the characters of a Chinese word; a longer term is a phrase."""


@dataclass(frozen=True, slots=True)
class Term:
    """A name (`named`, with its type) or a noun phrase in a sentence."""

    name: str
    entity_type: str = CONCEPT
    named: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and its terms in order."""

    text: str
    terms: tuple[Term, ...]


def extraction(
    sentences: Sequence[Sentence], *, max_entities: int, max_records: int
) -> Extraction:
    """Return names and frequent noun phrases, related if they share a sentence.

    The weight of a relation is the number of sentences that contain both ends. Of
    relations with equal weight, those with closer ends are kept.
    """
    entities = _entities(sentences, max_entities)
    relations = _relations(sentences, entities)[: max(max_records - len(entities), 0)]
    return Extraction(tuple(entities.values()), tuple(relations))


def _entities(
    sentences: Sequence[Sentence], max_entities: int
) -> dict[str, EntityRecord]:
    """Return entities by case-folded name, in order of appearance."""
    counts: Counter[str] = Counter()
    spelled: dict[str, tuple[Term, str]] = {}
    for key, term, sentence in _occurrences(sentences):
        counts[key] += 1
        if key not in spelled or (term.named and not spelled[key][0].named):
            spelled[key] = (term, sentence.text)
    relevant = [
        key for key, (term, _) in spelled.items() if _is_relevant(term, counts[key])
    ]
    relevant.sort(key=lambda key: _rank(spelled[key][0], counts[key]))
    selected = set(relevant[:max_entities])
    return {
        key: EntityRecord(term.name, term.entity_type, _excerpt(text, term.name))
        for key, (term, text) in spelled.items()
        if key in selected
    }


def _is_relevant(term: Term, count: int) -> bool:
    """Return whether the term is a name, a phrase, or a frequent common noun."""
    proper = term.named or term.name != term.name.lower()
    return proper or _is_phrase(term.name) or count >= _MIN_OCCURRENCES


def _rank(term: Term, count: int) -> tuple[bool, int]:
    return not term.named, -count * (2 if _is_phrase(term.name) else 1)


def _is_phrase(name: str) -> bool:
    return " " in name or (not name.isascii() and len(name) > _MAX_CHINESE_WORD)


def _occurrences(sentences: Sequence[Sentence]) -> Iterator[tuple[str, Term, Sentence]]:
    for sentence in sentences:
        for term in sentence.terms:
            name = entity_names.entity_name(term.name)
            if _MIN_LENGTH <= len(name) <= _MAX_LENGTH:
                yield (
                    name.casefold(),
                    Term(name, term.entity_type, term.named),
                    sentence,
                )


def _relations(
    sentences: Sequence[Sentence], entities: dict[str, EntityRecord]
) -> list[RelationRecord]:
    weights: Counter[tuple[str, str]] = Counter()
    nearest: dict[tuple[str, str], tuple[int, str]] = {}
    for sentence in sentences:
        keys = dict.fromkeys(
            key for key, _, _ in _occurrences([sentence]) if key in entities
        )
        for (i, first), (j, second) in combinations(enumerate(keys), 2):
            pair = (min(first, second), max(first, second))
            weights[pair] += 1
            nearest[pair] = min(
                nearest.get(pair, (j - i, sentence.text)), (j - i, sentence.text)
            )
    ranked = sorted(weights, key=lambda pair: (-weights[pair], nearest[pair][0]))
    return [
        RelationRecord(
            entities[first].name,
            entities[second].name,
            "",
            _excerpt(nearest[first, second][1], entities[first].name),
            float(weights[first, second]),
        )
        for first, second in ranked
    ]


def _excerpt(sentence: str, name: str) -> str:
    """Return the sentence, shortened around `name` to the maximum length."""
    if len(sentence) <= _MAX_DESCRIPTION:
        return sentence
    middle = max(sentence.casefold().find(name.casefold()), 0) + len(name) // 2
    start = min(
        max(middle - _MAX_DESCRIPTION // 2, 0), len(sentence) - _MAX_DESCRIPTION
    )
    cut = sentence[start : start + _MAX_DESCRIPTION].strip()
    return f"{'…' if start else ''}{cut}…"
