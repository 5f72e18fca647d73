from __future__ import annotations

import pytest
from hypothesis import given

from documents.chunking import token_map
from documents.chunking.token_map import TokenMap
from documents.parsing import text_cleaning
from retrieval.llm import tokens
from tests.documents.chunking.texts import TEXTS


@given(TEXTS.map(text_cleaning.clean))
def test_there_are_as_many_starts_as_tokens(text: str) -> None:
    found = TokenMap(text)
    assert len(found) == tokens.count(text) == found.count(0, len(text))


def test_a_token_within_a_character_begins_where_the_character_does() -> None:
    found = TokenMap("a😀👩‍👩‍👧b")
    assert set(found.starts) <= set(range(len(found.text) + 1))
    assert list(found.starts) == sorted(found.starts)


def test_a_long_text_is_tokenized_in_segments_to_the_same_tokens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "\n".join(
        f"Line {n} of a long\n\n text, don't mind. 綠茶" for n in range(300)
    )
    whole = TokenMap(text).starts
    monkeypatch.setattr(token_map, "SEGMENT_CHARS", 500)
    assert list(TokenMap(text).starts) == list(whole)


def test_going_ahead_moves_by_a_character_at_least() -> None:
    found = TokenMap("👩‍👩‍👧" * 3)
    assert found.ahead(0, 1) == 1
