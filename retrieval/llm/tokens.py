"""Text to o200k tokens and back: budgets and chunks are measured in these.

Token-identical to tiktoken's `o200k_base`, offline, about 30 MB/s.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from retrieval.llm.text_cleaning import clean

if TYPE_CHECKING:
    from bpe_openai import Encoding
    from bpe_openai._bindings import PyTokenizer

_ENCODING = "o200k_base"
_CHARS_PER_TOKEN = 6
_MARGIN = 16
"""The last tokens of a cut text are not those of the whole text."""


@cache
def _tokenizer() -> PyTokenizer:
    # Imported at first use: it reads all its tables at once, for half a second.
    # The typed Rust binding itself: the package's wrapper refuses a million characters.
    from bpe_openai._bindings import tokenizer_for_encoding

    return tokenizer_for_encoding(_ENCODING)


@cache
def _decoder() -> Encoding:
    from bpe_openai import get_encoding

    return get_encoding(_ENCODING)


def count(text: str) -> int:
    """How many tokens `text` is; special tokens count as plain text."""
    return int(_tokenizer().count(clean(text)))


def encode(text: str) -> list[int]:
    """The tokens of `text`, of any length."""
    return list(_tokenizer().encode(clean(text)))


def decode(tokens: Sequence[int]) -> str:
    """The text of `tokens`; a character cut in two at either end is left out."""
    return str(_decoder().decode(tokens, errors="ignore"))


@cache
def byte_lengths() -> npt.NDArray[np.int64]:
    """How many bytes of UTF-8 each token is, by its number."""
    return np.fromiter(map(len, _decoder().token_byte_values()), dtype=np.int64)


def fits(text: str, limit: int) -> bool:
    """Whether `text` is `limit` tokens or fewer; stops counting when it is not."""
    if len(text) * 4 <= limit:  # UTF-8 has 4 bytes a character at most, a token 1
        return True
    return _tokenizer().count_till_limit(clean(text), max(limit, 0)) is not None


def truncate(text: str, limit: int) -> str:
    """The longest beginning of `text` that is `limit` tokens or fewer."""
    if fits(text, limit):
        return text
    beginning = _beginning(clean(text), limit)
    return decode(beginning[: max(limit, 0)])


def _beginning(text: str, limit: int) -> list[int]:
    """At least the first `limit` tokens of a text that has more, reading little of it."""
    length = (limit + _MARGIN) * _CHARS_PER_TOKEN
    while length < len(text):
        tokens = encode(text[:length])
        if len(tokens) >= limit + _MARGIN:
            return tokens
        length *= 2
    return encode(text)
