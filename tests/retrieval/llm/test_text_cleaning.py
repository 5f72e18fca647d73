"""Tests of the removal of characters that databases cannot store."""

from __future__ import annotations

import pytest

from retrieval.llm.text_cleaning import clean


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [("a\x00b", "ab"), ("a\ud800\udfffb", "ab"), ("𠮷野", "𠮷野"), ("", "")],
)
def test_nul_and_lone_surrogates_are_removed(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_a_text_without_them_is_returned_unchanged() -> None:
    text = "plain 文字"
    assert clean(text) is text
