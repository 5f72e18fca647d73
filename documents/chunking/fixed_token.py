"""`fixed_token`: overlapping windows with a fixed number of tokens.

The windows are those of LightRAG (compared on the 199 chunks of a real text), except that
no character is split.
"""

from __future__ import annotations

from collections.abc import Iterator

from documents.chunking.chunk_drafts import TextSpan
from documents.chunking.options import ChunkOptions
from documents.chunking.token_map import TokenMap
from documents.errors import InvalidChunking


def split(token_map: TokenMap, options: ChunkOptions) -> Iterator[TextSpan]:
    """Return the spans of the whole text.

    Raises InvalidChunking if `split_by_character_only` leaves a span too long.
    """
    if not options.split_by_character:
        yield from windows(token_map, 0, len(token_map.text), options)
        return
    for start, end in _split_at(token_map.text, options.split_by_character):
        if token_map.count(start, end) <= options.size:
            yield TextSpan(start, end)
        elif options.split_by_character_only:
            raise InvalidChunking(
                f"A chunk of {token_map.count(start, end)} tokens between two "
                f"{options.split_by_character!r} exceeds chunk_token_size "
                f"({options.size})."
            )
        else:
            yield from windows(token_map, start, end, options)


def windows(
    token_map: TokenMap, start: int, end: int, options: ChunkOptions
) -> Iterator[TextSpan]:
    """Return windows over the characters `start` to `end`, at least one character each."""
    token, last = token_map.index(start), token_map.index(end)
    while token < last:
        begin = int(token_map.starts[token])
        stop = min(token_map.ahead(begin, options.size), end)
        yield TextSpan(begin, stop)
        following = min(token + options.size - options.overlap, token_map.index(stop))
        token = max(following, token_map.index(begin + 1))


def _split_at(text: str, separator: str) -> Iterator[tuple[int, int]]:
    start = 0
    while (position := text.find(separator, start)) >= 0:
        yield start, position
        start = position + len(separator)
    yield start, len(text)
