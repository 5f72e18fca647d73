"""Positions of the tokens of a text, to divide it by tokens without splitting characters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from retrieval.llm import tokens

SEGMENT_CHARS = 2_000_000
"""Default upper bound on the characters that are tokenized at once, to limit memory."""


class TokenMap:
    """The positions of the tokens of one text.

    `starts[i]` is the index of the character in which token i begins; `starts[-1]` is the
    length of the text. A token that begins inside a character (CJK, emoji) has the index
    of that character, so dividing the text at any start never splits a character.
    """

    def __init__(self, text: str, segment_chars: int = SEGMENT_CHARS) -> None:
        self.text = text
        segments = [*_token_starts(text, segment_chars)]
        ends = [np.array([len(text)], dtype=np.int64)]
        self.starts: npt.NDArray[np.int64] = np.concatenate([*segments, *ends])

    def __len__(self) -> int:
        return len(self.starts) - 1

    def index(self, char: int) -> int:
        """Return the first token that begins at or after this character."""
        return int(np.searchsorted(self.starts[:-1], char))

    def count(self, start: int, end: int) -> int:
        """Return the number of tokens that begin between the characters `start` and `end`."""
        return self.index(end) - self.index(start)

    def ahead(self, start: int, count: int) -> int:
        """Return the end of `count` tokens from `start`, at least one character later."""
        farthest = int(self.starts[min(self.index(start) + count, len(self))])
        return min(max(farthest, start + 1), len(self.text))

    def back(self, end: int, count: int) -> int:
        """Return the start of the last `count` tokens before `end`."""
        return int(self.starts[max(0, self.index(end) - count)])


def _token_starts(text: str, segment_chars: int) -> Iterator[npt.NDArray[np.int64]]:
    start = 0
    for end in _segment_ends(text, segment_chars):
        yield start + _starts_in(text[start:end])
        start = end


def _segment_ends(text: str, segment_chars: int) -> Iterator[int]:
    """Return the ends of the segments, at positions that no token crosses if possible.

    A token of o200k never contains a newline and a letter after it.
    """
    start = 0
    while len(text) - start > segment_chars:
        end = start + segment_chars
        line = text.rfind("\n", start + 1, end - 1)
        while line > 0 and not text[line + 1].isalpha():
            line = text.rfind("\n", start + 1, line)
        start = line + 1 if line > 0 else end
        yield start
    yield len(text)


def _starts_in(segment: str) -> npt.NDArray[np.int64]:
    lengths = tokens.byte_lengths()[np.array(tokens.encode(segment), dtype=np.int64)]
    offsets: npt.NDArray[np.int64] = np.cumsum(lengths) - lengths
    if segment.isascii():
        return offsets
    data = np.frombuffer(segment.encode(), dtype=np.uint8)
    begins = (data & 0xC0) != 0x80  # not a continuation byte of UTF-8
    chars: npt.NDArray[np.int64] = (np.cumsum(begins) - 1)[offsets]
    return chars
