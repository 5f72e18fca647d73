"""Tests of BM25 in SQL: scores, candidates, and their statistics."""

from __future__ import annotations

import importlib
import math
from collections import Counter
from collections.abc import Sequence

import pytest
from django.db import connection
from psycopg import sql

from documents.models import Workspace
from retrieval.index import bm25, lexical, tables
from retrieval.index import own_tables as product
from tests import own_tables

TEXTS = (
    "Marie Curie discovered radium and polonium in Paris",
    "Radium glows, and radium decays: radium is radioactive",
    "Pierre Curie worked in Paris",
    "The Sorbonne is in Paris",
    "Paris is the capital of France, and the Seine flows through Paris",
    "北京大學的圖書館在北京",
    "COVID-19 was first described in Wuhan",
)
INSERT = """
INSERT INTO search_chunk (index_id, chunk_id, lexical, text_hash)
SELECT %s, n, text, md5(text) FROM unnest(%s::text[]) WITH ORDINALITY t (text, n)
"""


def fill(workspace: Workspace, texts: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        segmented = [lexical.segment(text) for text in texts]
        cursor.execute(INSERT, [workspace.search_index, segmented])


def ranked(
    workspace: Workspace, text: str, wanted: int = bm25.CANDIDATES
) -> dict[int, float]:
    """Return the scores by number of the text, best first."""
    index = tables.index_of(workspace.pk)
    words = sql.Literal(lexical.segment(text))
    query = bm25.ranking("chunk", index, words, wanted=wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT * FROM ({}) s ORDER BY score DESC, chunk_id").format(query)
        )
        return dict(cursor.fetchall())


def expected(texts: Sequence[str], question: str) -> dict[int, float]:
    """Return the scores by the definition of BM25 with k1 = 1.2 and b = 0.75."""
    rows = [lexical.segment(text).split() for text in texts]
    average = sum(map(len, rows)) / len(rows)
    scores: dict[int, float] = {}
    for word in set(lexical.segment(question).split()):
        containing = sum(word in row for row in rows)
        rarity = math.log(1 + (len(rows) - containing + 0.5) / (containing + 0.5))
        for number, row in enumerate(rows, start=1):
            if frequency := Counter(row)[word]:
                norm = 1.2 * (0.25 + 0.75 * len(row) / average)
                score = rarity * frequency * 2.2 / (frequency + norm)
                scores[number] = scores.get(number, 0) + score
    return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0])))


@pytest.mark.parametrize("has_own_tables", [False, True])
@pytest.mark.parametrize(
    "question",
    ["Who discovered radium in Paris?", "radium", "北京 圖書館", "covid-19", "nothing"],
)
def test_scores_are_those_of_bm25(
    workspace: Workspace, question: str, has_own_tables: bool
) -> None:
    fill(workspace, TEXTS)
    if has_own_tables:
        own_tables.give(workspace)
    scores = ranked(workspace, question)
    exact = expected(TEXTS, question)
    assert list(scores) == list(exact)
    assert scores == pytest.approx(exact, rel=1e-5)


def test_rows_added_after_the_move_are_found_at_once(workspace: Workspace) -> None:
    fill(workspace, TEXTS)
    index = own_tables.give(workspace)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_chunk (index_id, chunk_id, lexical, text_hash)"
            " VALUES (%s, 100, 'thorium', '')",
            [index],
        )
    assert list(ranked(workspace, "thorium")) == [100]


def test_the_number_of_scored_rows_is_bounded(workspace: Workspace) -> None:
    fill(
        workspace,
        [f"common often seldom{n % 100} unique{n}" for n in range(2_000)],
    )
    own_tables.give(workspace)
    assert len(ranked(workspace, "common often", wanted=100)) == 150
    scores = ranked(workspace, "common often seldom7 unique107", wanted=100)
    best = list(scores)
    assert best[0] == 108
    assert set(best[:20]) == set(range(8, 2_001, 100))
    assert len(scores) <= 170  # the rows with rare words, and some with common words


def test_candidates_contain_rare_words_or_several_rarer_ones(db: None) -> None:
    def candidates(wanted: int, **containing: float) -> object:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT lightrag_candidates(%s::text[], %s::float8[], 1000000, %s)::text[]",
                [list(containing), list(containing.values()), wanted],
            )
            return cursor.fetchone()[0]

    rare = candidates(1000, rare=30, rarer=600, common=900_000)
    assert rare == ["'rare' | 'rarer'", None]
    few = candidates(1000, rare=30, common=900_000)
    assert few == ["'rare'", "'common'"]
    several = candidates(1000, a=20_000, b=30_000, c=40_000)
    assert several == ["'a' & 'b' & 'c'", "'a' & 'b'"]
    several = candidates(10_000, a=20_000, b=30_000, c=40_000)
    assert several == ["'a' & 'b' | 'a' & 'c'", None]
    assert candidates(1000, the=900_000) == ["'the'", None]


def test_words_are_counted_again_when_the_table_has_grown(workspace: Workspace) -> None:
    fill(workspace, TEXTS)
    index = own_tables.give(workspace)
    rows = "SELECT rows FROM search_statistics WHERE kind = 'chunk' AND index_id = %s"
    with connection.cursor() as cursor:
        for number, counted in ((3, 7), (5, 15)):
            cursor.execute(
                "INSERT INTO search_chunk (index_id, chunk_id, lexical, text_hash)"
                " SELECT %s, 1000 * %s + n, 'radon', '' FROM generate_series(1, %s) n",
                [index, number, number],
            )
            cursor.execute(f"ANALYZE search_chunk_{index}")
            product.work(lambda: False)
            cursor.execute(rows, [index])
            assert cursor.fetchone() == (counted,)
        cursor.execute("SELECT share FROM search_word WHERE word = 'radon'")
        assert cursor.fetchone() == (8 / 15,)


def test_dropping_an_index_deletes_its_statistics(workspace: Workspace) -> None:
    fill(workspace, TEXTS * 3)
    index = own_tables.give(workspace)
    tables.drop(index)
    with connection.cursor() as cursor:
        for table in ("search_statistics", "search_word"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,)


def test_the_migration_indexes_the_words_of_large_workspaces(
    workspace: Workspace,
) -> None:
    migration = importlib.import_module("graph.migrations.0024_own_bm25")
    fill(workspace, TEXTS)
    index = own_tables.give(workspace)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_statistics")
        cursor.execute("DELETE FROM search_word")
        cursor.execute(f"DROP INDEX search_chunk_{index}_terms")
        cursor.execute(f"UPDATE search_chunk_{index} SET terms = NULL, length = NULL")
        cursor.execute(
            f"CREATE INDEX old ON search_chunk_{index}"
            " USING gin (to_tsvector('simple', lexical))"
        )
    with connection.schema_editor() as editor:
        migration.replace(None, editor)
    assert ranked(workspace, "radium") == pytest.approx(
        expected(TEXTS, "radium"), rel=1e-5
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('old')")
        assert cursor.fetchone() == (None,)
