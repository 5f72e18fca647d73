"""Tokens of the encoding o200k_base, in which budgets and chunks are measured.

The tokens are those of tiktoken, without its download, at about 30 MB/s.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Sequence
from functools import cache
from importlib.machinery import ExtensionFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from retrieval.llm.text_cleaning import clean

if TYPE_CHECKING:
    from bpe_openai._bindings import PyTokenizer

_ENCODING = "o200k_base"
_CHARS_PER_TOKEN = 6
_MARGIN = 16
"""Tokens to drop at the end of a part: they may differ from those of the whole text."""


@cache
def _package() -> Path:
    """Return the folder of bpe_openai without importing the package.

    Its `__init__` builds Python tables of three encodings: 60 MB and a second per process.
    """
    spec = find_spec("bpe_openai")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("No module named 'bpe_openai'")
    return Path(spec.submodule_search_locations[0])


@cache
def _tokenizer() -> PyTokenizer:
    # The public wrapper also rejects texts of a million characters. test_tokens.py checks
    # these private names.
    name, path = "bpe_openai._bindings", str(_package() / "_bindings.abi3.so")
    loader = ExtensionFileLoader(name, path)
    spec = spec_from_file_location(name, path, loader=loader)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {name!r}")
    bindings = module_from_spec(spec)
    loader.exec_module(bindings)
    return cast("PyTokenizer", bindings.tokenizer_for_encoding(_ENCODING))


def _vocabulary() -> bytes:
    """Return a line for each token: its bytes in base64, a space, and its number."""
    return gzip.decompress(
        (_package() / "data" / f"{_ENCODING}.tiktoken.gz").read_bytes()
    )


@cache
def _token_bytes() -> list[bytes]:
    """Return the bytes of each token, indexed by token number."""
    return [base64.b64decode(line.split()[0]) for line in _vocabulary().splitlines()]


def count(text: str) -> int:
    """Return the number of tokens; special tokens count as plain text."""
    return int(_tokenizer().count(clean(text)))


def encode(text: str) -> list[int]:
    """Return the tokens of a text of any length."""
    return list(_tokenizer().encode(clean(text)))


def decode(tokens: Sequence[int]) -> str:
    """Return the text of `tokens`, without incomplete characters at its ends."""
    return b"".join(_token_bytes()[token] for token in tokens).decode(errors="ignore")


@cache
def byte_lengths() -> npt.NDArray[np.int64]:
    """Return the UTF-8 length of each token, indexed by token number.

    It is the length of the base64 text: decoding 200,000 tokens takes 0.4 s.
    """
    characters = np.frombuffer(_vocabulary(), dtype=np.uint8)
    ends = np.flatnonzero(characters == ord(" "))
    starts = np.concatenate(([0], np.flatnonzero(characters == ord("\n"))[:-1] + 1))
    padding = (characters[ends - 1] == ord("=")) * 1 + (
        characters[ends - 2] == ord("=")
    )
    lengths: npt.NDArray[np.int64] = (ends - starts) // 4 * 3 - padding
    return lengths


def fits(text: str, limit: int) -> bool:
    """Return True if `text` has at most `limit` tokens; counting stops at the limit."""
    if len(text) * 4 <= limit:  # at most 4 bytes per character, at least 1 per token
        return True
    return _tokenizer().count_till_limit(clean(text), max(limit, 0)) is not None


def truncate(text: str, limit: int) -> str:
    """Return the longest start of `text` with at most `limit` tokens."""
    if fits(text, limit):
        return text
    return decode(_first_tokens(clean(text), limit)[: max(limit, 0)])


def _first_tokens(text: str, limit: int) -> list[int]:
    """Return at least the first `limit` tokens without encoding a whole long text."""
    length = (limit + _MARGIN) * _CHARS_PER_TOKEN
    while length < len(text):
        tokens = encode(text[:length])
        if len(tokens) >= limit + _MARGIN:
            return tokens
        length *= 2
    return encode(text)
