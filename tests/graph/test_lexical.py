"""Words and bigrams for the lexical index."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from documents.models import Workspace
from graph import lexical


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Quick, brown fox!", "the quick brown fox"),
        ("COVID-19", "covid 19 covid19"),
        ("don't use user_name", "don t dont use user name username"),
        ("重組蛋白質", "重組 組蛋 蛋白 白質"),
        ("用 B12 補充，好", "用 b12 補充 好"),
        ("在Tokyo東京", "在 tokyo 東京"),
        ("ｆｕｌｌ　Ｗｉｄｔｈ", "full width"),
        ("한국어 단어", "한국 국어 단어"),
        ("हिन्दी भाषा", "हिन्दी भाषा"),
        ("a\x00b \ud800c", "a b c"),
        ("?!", ""),
        ("", ""),
    ],
)
def test_text_becomes_words_and_bigrams(text: str, words: str) -> None:
    assert lexical.segment(text) == words


@given(st.text())
def test_segments_are_words_parted_by_single_spaces(text: str) -> None:
    words = lexical.segment(text)
    assert words == " ".join(words.split())


@given(st.text(alphabet="abc19-. 重組蛋", min_size=1), st.text(alphabet="x y。"))
def test_what_is_found_alone_is_found_inside_a_longer_text(
    text: str, more: str
) -> None:
    alone = set(lexical.segment(text).split())
    assert alone <= set(lexical.segment(f"{more} {text} {more}").split())


@pytest.mark.parametrize("question", ["蛋白質", "COVID-19", "covid19", "b12"])
def test_postgres_finds_what_was_segmented(workspace: Workspace, question: str) -> None:
    stored = lexical.segment("重組蛋白質與 B12 對 Covid-19 的影響")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_tsvector('simple', %s) @@ plainto_tsquery('simple', %s)",
            [stored, lexical.segment(question)],
        )
        assert cursor.fetchone() == (True,)
