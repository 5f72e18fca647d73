"""Character positions of a text's tokens, to cut by tokens without splitting characters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from retrieval.llm import tokens

SEGMENT_CHARS = 2_000_000
"""So many characters are tokenized at once: their tokens are Python integers at first."""


class TokenMap:
    """The tokens of one text.

    `starts[i]` is the character that token i begins in, `starts[-1]` the text's length.
    A token that begins in the middle of a character (CJK, emoji) belongs to the whole
    of it, so a cut at any of these never tears one.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        segments = [*_token_starts(text)]
        ends = [np.array([len(text)], dtype=np.int64)]
        self.starts: npt.NDArray[np.int64] = np.concatenate([*segments, *ends])

    def __len__(self) -> int:
        return len(self.starts) - 1

    def index(self, char: int) -> int:
        """The first token that begins at or after this character."""
        return int(np.searchsorted(self.starts[:-1], char))

    def count(self, start: int, end: int) -> int:
        """How many tokens begin in these characters."""
        return self.index(end) - self.index(start)

    def ahead(self, start: int, count: int) -> int:
        """The farthest character `count` tokens reach from `start`: one at least."""
        farthest = int(self.starts[min(self.index(start) + count, len(self))])
        return min(max(farthest, start + 1), len(self.text))

    def back(self, end: int, count: int) -> int:
        """The character from which `count` tokens lead up to `end`."""
        return int(self.starts[max(0, self.index(end) - count)])


def _token_starts(text: str) -> Iterator[npt.NDArray[np.int64]]:
    start = 0
    for end in _segment_ends(text):
        yield start + _starts_in(text[start:end])
        start = end


def _segment_ends(text: str) -> Iterator[int]:
    """Ends of segments, at places where no token can lie across if there are any.

    o200k never joins a line's end with the letter after it.
    """
    start = 0
    while len(text) - start > SEGMENT_CHARS:
        end = start + SEGMENT_CHARS
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
