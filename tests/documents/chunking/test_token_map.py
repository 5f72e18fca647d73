from __future__ import annotations

from hypothesis import given

from documents.chunking.token_map import TokenMap
from documents.parsing import text_cleaning
from retrieval.llm import tokens
from tests.documents.chunking.texts import TEXTS


@given(TEXTS.map(text_cleaning.clean))
def test_the_number_of_starts_is_the_number_of_tokens(text: str) -> None:
    token_map = TokenMap(text)
    assert len(token_map) == tokens.count(text) == token_map.count(0, len(text))


def test_a_token_inside_a_character_has_its_position() -> None:
    token_map = TokenMap("a😀👩‍👩‍👧b")
    assert set(token_map.starts) <= set(range(len(token_map.text) + 1))
    assert list(token_map.starts) == sorted(token_map.starts)


def test_tokenizing_in_segments_yields_the_same_tokens() -> None:
    text = "\n".join(
        f"Line {n} of a long\n\n text, don't mind. 綠茶" for n in range(300)
    )
    whole = TokenMap(text).starts
    assert list(TokenMap(text, segment_chars=500).starts) == list(whole)


def test_ahead_moves_by_at_least_one_character() -> None:
    token_map = TokenMap("👩‍👩‍👧" * 3)
    assert token_map.ahead(0, 1) == 1
