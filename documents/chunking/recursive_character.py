"""`recursive_character`: chunks up to the token limit, divided at the coarsest separator."""

from __future__ import annotations

from collections.abc import Iterator

from documents.chunking.chunk_drafts import TextSpan
from documents.chunking.options import ChunkOptions
from documents.chunking.token_map import TokenMap


def split(token_map: TokenMap, options: ChunkOptions) -> Iterator[TextSpan]:
    """Return the spans of the whole text."""
    yield from within(token_map, 0, len(token_map.text), options)


def within(
    token_map: TokenMap, start: int, end: int, options: ChunkOptions
) -> Iterator[TextSpan]:
    """Return the spans of the characters `start` to `end`."""
    cut = start
    while cut < end:
        previous, cut = cut, _cut(token_map, start, end, options)
        if cut <= previous:  # the overlap fills the span: continue without it
            start, cut = previous, _cut(token_map, previous, end, options)
        yield TextSpan(start, cut)
        start = overlap_start(token_map, start, cut, options)


def overlap_start(
    token_map: TokenMap, start: int, cut: int, options: ChunkOptions
) -> int:
    """Return the start of the span after the span from `start` to `cut`.

    It is up to `overlap` tokens before `cut`, after a separator if possible, and always
    after `start`.
    """
    farthest = max(token_map.back(cut, options.overlap), start + 1)
    for separator in options.separators:
        position = token_map.text.find(separator, farthest, cut) if separator else -1
        if 0 <= position < cut - len(separator):
            return position + len(separator)
    return min(farthest, cut)


def _cut(token_map: TokenMap, start: int, end: int, options: ChunkOptions) -> int:
    """Return the end of the span that begins at `start`.

    It is after the last occurrence of the coarsest separator that leaves the span at least
    half full; else of the coarsest separator in it; else at the token limit.
    """
    limit = min(token_map.ahead(start, options.size), end)
    if limit >= end:
        return end
    for least in ((start + limit) // 2, start):
        for separator in options.separators:
            position = (
                token_map.text.rfind(separator, least, limit) if separator else -1
            )
            if position > start:
                return min(position + len(separator), limit)
    return limit
