"""Names that a sentence shares with sentences of other chunks.

Sentences are passed as two sequences of equal length: their texts, and the ranks of their
chunks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from retrieval.index import lexical
from retrieval.search.stop_words import STOP_WORDS

_CAPITALISED = re.compile(
    r"[^\W\d_a-z][^\W\d_]+(?:(?:\s+(?:of|de|la|von|van|der))?\s+[^\W\d_a-z][^\W\d_]+)*"
)
"""A capitalised word, or several in a row."""

MIN_CHARS = 3
NEAR = 3
"""Number of sentences before and after a sentence whose names count as its own."""

Names = Sequence[frozenset[str]]
"""The names of each sentence."""


def beside(
    question: str, texts: Sequence[str], ranks: Sequence[int], entities: Sequence[str]
) -> Names:
    """Return the proper names in and near each sentence that the question lacks."""
    names = _proper_names(question, texts, entities)
    segmented = [f" {lexical.segment(text)} " for text in texts] if names else texts
    names_in = [{name for name in names if f" {name} " in text} for text in segmented]
    result: list[frozenset[str]] = []
    for index, rank in enumerate(ranks):
        window = range(max(index - NEAR, 0), min(index + NEAR + 1, len(names_in)))
        same_chunk = [names_in[i] for i in window if ranks[i] == rank]
        result.append(frozenset().union(*same_chunk))
    return result


def capitalised(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the capitalised words and runs of words in the texts, without duplicates.

    They stand for the entities if the search found none, as in mode naive.
    """
    runs = (match[0] for text in texts for match in _CAPITALISED.finditer(text))
    return tuple(dict.fromkeys(run for run in runs if not _is_common(run)))


def _is_common(name: str) -> bool:
    return all(word in STOP_WORDS for word in lexical.segment(name).split())


def _proper_names(
    question: str, texts: Sequence[str], entities: Sequence[str]
) -> frozenset[str]:
    """Return the entities that are proper names, as words of the index.

    A name that the sentences also write in lower case is a common noun ("chemotherapy"),
    which many chunks share. Scripts without case have no such difference.
    """
    text = "\n".join(texts)
    question_words = f" {lexical.segment(question)} "
    proper = (
        lexical.segment(name)
        for name in entities
        if name.lower() == name.upper() or name.lower() not in text
    )
    return frozenset(
        name
        for name in proper
        if len(name) >= MIN_CHARS
        and not name.replace(" ", "").isdigit()
        and f" {name} " not in question_words
    )


def rarity(names: Names, ranks: Sequence[int], best: int) -> list[float]:
    """Return a score for each sentence by the rarest name that it shares with `best`.

    It is 1 if no third chunk has the name, less if others have it, and 0 if the sentence
    shares no name or is in the chunk of the best sentence.
    """
    shared = [
        names[best] & sentence_names if rank != ranks[best] else frozenset()
        for sentence_names, rank in zip(names, ranks, strict=True)
    ]
    pairs = {
        (rank, name)
        for rank, common in zip(ranks, shared, strict=True)
        for name in common
    }
    chunks_with = Counter(name for _, name in pairs)
    return [
        max((chunks_with[name] ** -0.5 for name in common), default=0.0)
        for common in shared
    ]
