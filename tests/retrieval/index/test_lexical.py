"""Tests of the word segmentation for the lexical index."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from documents.admin import chunk_search
from documents.models import Chunk, Document, Workspace
from retrieval.index import lexical


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
def test_segments_are_words_separated_by_single_spaces(text: str) -> None:
    words = lexical.segment(text)
    assert words == " ".join(words.split())


@given(st.text(alphabet="abc19-. 重組蛋", min_size=1), st.text(alphabet="x y。"))
def test_a_word_is_found_in_a_longer_text(text: str, more: str) -> None:
    alone = set(lexical.segment(text).split())
    assert alone <= set(lexical.segment(f"{more} {text} {more}").split())


@pytest.mark.parametrize("question", ["蛋白質", "COVID-19", "covid19", "b12"])
def test_postgres_finds_segmented_words(workspace: Workspace, question: str) -> None:
    stored = lexical.segment("重組蛋白質與 B12 對 Covid-19 的影響")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_tsvector('simple', %s) @@ plainto_tsquery('simple', %s)",
            [stored, lexical.segment(question)],
        )
        assert cursor.fetchone() == (True,)


def store(workspace: Workspace, *texts: str) -> list[int]:
    """Store chunks that searches find; return their ids."""
    document = Document.objects.create(workspace=workspace, public_id="d", name="d")
    chunks = Chunk.objects.bulk_create(
        [
            Chunk(
                workspace=workspace,
                document=document,
                order=order,
                content=text,
                tokens=1,
            )
            for order, text in enumerate(texts)
        ]
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO search_chunk (index_id, chunk_id, lexical, text_hash) "
            "VALUES (%s, %s, %s, '')",
            [
                (workspace.search_index, chunk.pk, lexical.segment(chunk.content))
                for chunk in chunks
            ],
        )
    return [chunk.pk for chunk in chunks]


def best(workspace: Workspace, question: str) -> int:
    (first, *_) = chunk_search.find([workspace.pk], question)
    return first


def test_the_best_chunk_is_ranked_first(workspace: Workspace) -> None:
    protein, covid, english = store(
        workspace,
        "重組蛋白質在細胞質中摺疊，並由伴護蛋白協助。",
        "新冠病毒（COVID-19）在二〇二〇年傳播到世界各地。",
        "Recombinant proteins fold in the cytoplasm.",
    )
    assert best(workspace, "重組蛋白質在哪裡摺疊？") == protein
    assert best(workspace, "covid19 的傳播") == covid
    assert best(workspace, "Where do proteins fold?") == english


def test_a_very_long_word_can_be_indexed(workspace: Workspace) -> None:
    _, plain = store(workspace, "a" * 1_000_000 + "-" + "b" * 5000, "plain words")
    assert best(workspace, "plain words") == plain
