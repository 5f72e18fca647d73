"""`recursive_character`: chunks up to the token limit, cut at the coarsest separator."""

from __future__ import annotations

from collections.abc import Iterator

from documents.chunking.options import ChunkOptions
from documents.chunking.text_span import Piece
from documents.chunking.token_map import TokenMap


def split(token_map: TokenMap, options: ChunkOptions) -> Iterator[Piece]:
    """Pieces of the whole text."""
    yield from within(token_map, 0, len(token_map.text), options)


def within(
    token_map: TokenMap, start: int, end: int, options: ChunkOptions
) -> Iterator[Piece]:
    """Pieces of the characters `start` to `end`."""
    cut = start
    while cut < end:
        previous, cut = cut, _cut(token_map, start, end, options)
        if cut <= previous:  # the overlap alone is a full piece: go on without it
            start, cut = previous, _cut(token_map, previous, end, options)
        yield Piece(start, cut)
        start = overlap_start(token_map, start, cut, options)


def overlap_start(
    token_map: TokenMap, start: int, cut: int, options: ChunkOptions
) -> int:
    """Where the piece after one of `start` to `cut` begins: up to `overlap` tokens back.

    At a separator if there is one so near, and never at or before `start`.
    """
    farthest = max(token_map.back(cut, options.overlap), start + 1)
    for separator in options.separators:
        found = token_map.text.find(separator, farthest, cut) if separator else -1
        if 0 <= found < cut - len(separator):
            return found + len(separator)
    return min(farthest, cut)


def _cut(token_map: TokenMap, start: int, end: int, options: ChunkOptions) -> int:
    """The end of a piece: behind the last separator of the coarsest kind that leaves it
    at least half full, else of the coarsest there is, else where its tokens end."""
    reach = min(token_map.ahead(start, options.size), end)
    if reach >= end:
        return end
    for least in ((start + reach) // 2, start):
        for separator in options.separators:
            found = token_map.text.rfind(separator, least, reach) if separator else -1
            if found > start:
                return min(found + len(separator), reach)
    return reach
