"""Text to tokens and back."""

from __future__ import annotations

import subprocess
import sys

import pytest
from bpe_openai import get_encoding
from hypothesis import given
from hypothesis import strategies as st

from retrieval.llm import tokens


def test_texts_have_the_token_numbers_of_o200k() -> None:
    assert tokens.encode("hello world") == [24912, 2375]
    assert tokens.count("") == 0


def test_special_tokens_are_plain_text() -> None:
    assert tokens.count("<|endoftext|>") > 1


@given(st.text())
def test_decoding_reverses_encoding(text: str) -> None:
    fit = text.replace("\x00", "")
    assert tokens.decode(tokens.encode(fit)) == fit


@given(st.text(), st.integers(0, 40))
def test_a_truncated_text_is_a_start_within_the_limit(text: str, limit: int) -> None:
    fit = text.replace("\x00", "")
    cut = tokens.truncate(fit, limit)
    assert fit.startswith(cut)
    assert tokens.count(cut) <= limit or not cut
    assert tokens.fits(fit, limit) == (tokens.count(fit) <= limit)


def test_a_lone_surrogate_and_a_nul_are_ignored() -> None:
    assert tokens.count("a\ud800\x00b") == tokens.count("ab")


def test_the_byte_lengths_are_those_of_the_decoded_tokens() -> None:
    decoded = [len(token) for token in tokens._token_bytes()]
    assert tokens.byte_lengths().tolist() == decoded


def test_an_incomplete_character_is_dropped() -> None:
    assert tokens.decode(tokens.encode("𠮷野")[:1]) == ""


def test_a_text_of_millions_of_characters_is_counted() -> None:
    assert tokens.count("word " * 400_000) >= 400_000


def test_the_start_of_a_long_text_has_its_first_tokens() -> None:
    text = "The quick brown fox, 12345; " * 5_000
    assert tokens.truncate(text, 1_000) == tokens.decode(tokens.encode(text)[:1_000])


@pytest.mark.parametrize("limit", [0, -1])
def test_no_text_fits_into_zero_tokens(limit: int) -> None:
    assert tokens.truncate("word", limit) == ""


def test_the_private_names_of_bpe_openai_are_as_expected() -> None:
    """Fail if an upgrade changes the private names that `tokens` uses."""
    tokenizer = tokens._tokenizer()
    assert list(tokenizer.encode("a b")) == [64, 287]
    assert tokenizer.count("a b") == 2
    assert tokenizer.count_till_limit("a b", 1) is None
    token_bytes = tokens._token_bytes()
    assert get_encoding("o200k_base").token_byte_values()[: len(token_bytes)] == (
        token_bytes
    )


@pytest.mark.parametrize("order", ["package first", "package last"])
def test_tokens_are_counted_beside_the_package_without_importing_it(order: str) -> None:
    package = "from bpe_openai import get_encoding; get_encoding('o200k_base')"
    tokens_ = (
        "import sys; before = 'bpe_openai' in sys.modules;"
        "from retrieval.llm import tokens; assert tokens.count('a b') == 2;"
        "assert tokens.decode(tokens.encode('a b')) == 'a b';"
        "assert ('bpe_openai' in sys.modules) == before"
    )
    parts = [package, tokens_] if order == "package first" else [tokens_, package]
    subprocess.run([sys.executable, "-c", "\n".join(parts)], check=True)
