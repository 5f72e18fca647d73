"""`semantic_vector`: divide a text between sentences whose embeddings differ most."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from documents.chunking import recursive_character
from documents.chunking.chunk_drafts import TextSpan
from documents.chunking.options import ChunkOptions
from documents.chunking.token_map import TokenMap

Embed = Callable[[Sequence[str]], Sequence[Sequence[float]]]
"""Function that returns the vectors of texts, in order."""
Vector = npt.NDArray[np.float64]

DEFAULT_AMOUNTS = {
    "percentile": 95.0,
    "standard_deviation": 3.0,
    "interquartile": 1.5,
    "gradient": 95.0,
}
"""Default of `breakpoint_threshold_amount` by type of threshold."""
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+|(?<=[。？！])")


def split(
    token_map: TokenMap, options: ChunkOptions, embed: Embed
) -> Iterator[TextSpan]:
    """Return spans without overlap; divide spans over the token limit at separators."""
    sentences = _sentences(token_map.text)
    if not sentences:
        return
    vectors = _vectors(token_map.text, sentences, options.buffer_size, embed)
    for start, end in _groups(sentences, _breaks(vectors, options)):
        if token_map.count(start, end) <= options.size:
            yield TextSpan(start, end)
        else:
            yield from recursive_character.within(
                token_map, start, end, replace(options, overlap=0)
            )


def _sentences(text: str) -> list[tuple[int, int]]:
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    cuts = [0, *ends, len(text)]
    return [(a, b) for a, b in pairwise(cuts) if a < b]


def _vectors(
    text: str, sentences: Sequence[tuple[int, int]], buffer: int, embed: Embed
) -> Vector:
    """Return a unit vector per sentence, embedded with `buffer` sentences on each side."""
    last = len(sentences) - 1
    windows = [
        text[sentences[max(0, i - buffer)][0] : sentences[min(last, i + buffer)][1]]
        for i in range(len(sentences))
    ]
    vectors: Vector = np.array(embed(windows), dtype=np.float64)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vector = vectors / np.maximum(lengths, 1e-12)
    return unit


def _breaks(vectors: Vector, options: ChunkOptions) -> set[int]:
    """Return the indices of the sentences after which the text is divided."""
    if len(vectors) < 2:
        return set()
    distances = 1 - np.sum(vectors[:-1] * vectors[1:], axis=1)
    kind = options.breakpoint_threshold_type
    amount = options.breakpoint_threshold_amount or DEFAULT_AMOUNTS[kind]
    values = (
        np.gradient(distances)
        if kind == "gradient" and len(distances) > 1
        else distances
    )
    return set(np.flatnonzero(values > _threshold(values, kind, amount)).tolist())


def _threshold(values: Vector, kind: str, amount: float) -> float:
    if kind == "standard_deviation":
        return float(values.mean() + amount * values.std())
    if kind == "interquartile":
        low, high = np.percentile(values, [25, 75])
        return float(values.mean() + amount * (high - low))
    return float(np.percentile(values, amount))


def _groups(
    sentences: Sequence[tuple[int, int]], breaks: set[int]
) -> Iterator[tuple[int, int]]:
    start = 0
    for number, (_, end) in enumerate(sentences):
        if number in breaks or number == len(sentences) - 1:
            yield start, end
            start = end
