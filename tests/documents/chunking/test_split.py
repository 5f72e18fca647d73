"""What holds for every strategy and every text."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents import chunking
from documents.chunking import (
    ChunkOptions,
    fixed_token,
    paragraph_semantic,
    recursive_character,
    semantic_vector,
)
from documents.chunking.text_span import Piece
from documents.chunking.token_map import TokenMap
from documents.errors import InvalidChunking
from documents.parsing import PageSpan, ParsedDocument, text_cleaning
from tests.documents.chunking.texts import SIZES, TEXTS, letters

STRATEGIES = st.sampled_from(
    ["fixed_token", "recursive_character", "paragraph_semantic", "semantic_vector"]
)


def lengths(texts: Sequence[str]) -> list[list[float]]:
    """A stand-in embedder: what is alike in length is alike."""
    return [[float(len(text)), 10.0] for text in texts]


def pieces(text: str, options: ChunkOptions) -> tuple[TokenMap, list[Piece]]:
    token_map = TokenMap(text)
    if options.strategy == "semantic_vector":
        return token_map, [*semantic_vector.split(token_map, options, lengths)]
    split = {
        "fixed_token": fixed_token.split,
        "recursive_character": recursive_character.split,
        "paragraph_semantic": paragraph_semantic.split,
    }[options.strategy]
    return token_map, [*split(token_map, options)]


@given(TEXTS.map(text_cleaning.clean), STRATEGIES, SIZES)
def test_every_character_is_in_some_chunk_in_order(
    text: str, strategy: str, sizes: tuple[int, int]
) -> None:
    options = ChunkOptions(strategy, *sizes)
    _, found = pieces(text, options)
    covered = 0
    for piece in found:
        assert piece.start < piece.end
        assert not letters(text[covered : piece.start])
        assert piece.end > covered or not letters(text[covered : piece.end])
        covered = max(covered, piece.end)
    assert not letters(text[covered:])


@given(TEXTS.map(text_cleaning.clean), STRATEGIES, SIZES)
def test_no_chunk_has_more_tokens_than_asked_for(
    text: str, strategy: str, sizes: tuple[int, int]
) -> None:
    options = ChunkOptions(strategy, *sizes)
    token_map, found = pieces(text, options)
    drafts = chunking.split(ParsedDocument(text, markdown=True), options, embed=lengths)
    for piece in found:
        one_character = piece.end - piece.start == 1
        assert one_character or token_map.count(piece.start, piece.end) <= options.size
    assert [draft.order for draft in drafts] == [*range(len(drafts))]
    assert all(draft.content == draft.content.strip() != "" for draft in drafts)


@given(TEXTS.map(text_cleaning.clean), STRATEGIES, SIZES)
def test_chunks_overlap_no_more_than_asked_for(
    text: str, strategy: str, sizes: tuple[int, int]
) -> None:
    options = ChunkOptions(strategy, *sizes)
    token_map, found = pieces(text, options)
    for one, two in pairwise(found):
        # A character may be several tokens, and is never torn: one more, at most.
        overlap = token_map.count(two.start + 1, one.end)
        assert overlap <= options.overlap


@given(TEXTS.map(text_cleaning.clean), SIZES)
def test_windows_are_upstreams_where_no_character_is_torn(
    text: str, sizes: tuple[int, int]
) -> None:
    ascii_only = text.encode("ascii", "ignore").decode()
    token_map, found = pieces(ascii_only, ChunkOptions("fixed_token", *sizes))
    starts, step = token_map.starts, sizes[0] - sizes[1]
    expected = [
        (starts[n], starts[min(n + sizes[0], len(token_map))])
        for n in range(0, len(token_map), step)
    ]
    assert [(piece.start, piece.end) for piece in found] == expected


def test_chinese_is_never_cut_within_a_character() -> None:
    text = "鬱龘靐齉爩麤灪吁龖厵纞" * 20
    for strategy in ("fixed_token", "recursive_character"):
        drafts = chunking.split(ParsedDocument(text), ChunkOptions(strategy, 7, 0))
        assert "".join(draft.content for draft in drafts) == text


def test_a_chunk_tells_the_pages_it_stands_on() -> None:
    pages = ["one " * 30, "two " * 30, "three " * 30]
    text, spans = "", []
    for number, page in enumerate(pages, start=1):
        spans.append(PageSpan(len(text), len(text) + len(page), number))
        text += page
    parsed = ParsedDocument(text, pages=tuple(spans))
    drafts = chunking.split(parsed, ChunkOptions("fixed_token", 40, 0))
    assert [(d.page_first, d.page_last) for d in drafts] == [(1, 2), (2, 3), (3, 3)]


def test_a_format_without_pages_gives_none() -> None:
    [draft] = chunking.split(ParsedDocument("tea"), ChunkOptions())
    assert (draft.page_first, draft.page_last, draft.tokens) == (None, None, 1)


def test_plain_text_has_no_headings_so_it_is_cut_in_windows() -> None:
    text = "# no heading\n\n" + "word " * 200
    by_paragraphs, by_windows = (
        chunking.split(ParsedDocument(text), ChunkOptions(strategy, 50, 10))
        for strategy in ("paragraph_semantic", "fixed_token")
    )
    assert by_paragraphs == by_windows


@pytest.mark.parametrize("text", ["", " \n "])
def test_a_blank_text_has_no_chunks(text: str) -> None:
    assert chunking.split(ParsedDocument(text), ChunkOptions()) == []


def test_cutting_by_meaning_wants_an_embedder() -> None:
    with pytest.raises(InvalidChunking, match="embedding model"):
        chunking.split(ParsedDocument("tea"), ChunkOptions("semantic_vector"))


def test_cutting_by_meaning_cuts_where_meaning_changes() -> None:
    text = (
        "Cats purr. Cats nap. Cats play. Rockets burn fuel. Rockets fly. Rockets land."
    )

    def embed(texts: Sequence[str]) -> list[list[float]]:
        return [[t.count("Cats"), t.count("Rockets")] for t in texts]

    options = ChunkOptions("semantic_vector", buffer_size=1)
    drafts = chunking.split(ParsedDocument(text), options, embed=embed)
    assert [draft.content for draft in drafts] == [
        "Cats purr. Cats nap. Cats play.",
        "Rockets burn fuel. Rockets fly. Rockets land.",
    ]


@pytest.mark.parametrize(
    "kind", ["percentile", "standard_deviation", "interquartile", "gradient"]
)
def test_every_kind_of_threshold_gives_chunks(kind: str) -> None:
    text = "A b. " * 30 + "Quite another matter is this sentence of many words. " * 5
    options = ChunkOptions("semantic_vector", breakpoint_threshold_type=kind)
    drafts = chunking.split(ParsedDocument(text), options, embed=lengths)
    assert letters("".join(draft.content for draft in drafts)) == letters(text)


def test_a_split_character_makes_pieces_of_its_own() -> None:
    options = ChunkOptions("fixed_token", 4, 0, split_by_character="|")
    drafts = chunking.split(
        ParsedDocument("tea|green tea|one two three four five"), options
    )
    assert [draft.content for draft in drafts] == [
        "tea",
        "green tea",
        "one two three four",
        "five",
    ]


def test_a_piece_that_may_not_be_cut_is_an_error() -> None:
    options = ChunkOptions(
        "fixed_token", 2, 0, split_by_character="|", split_by_character_only=True
    )
    with pytest.raises(InvalidChunking, match=r"exceeds chunk_token_size \(2\)"):
        chunking.split(ParsedDocument("tea|one two three four"), options)


@pytest.mark.parametrize("strategy", ["fixed_token", "recursive_character"])
def test_a_large_text_takes_memory_in_proportion(strategy: str) -> None:
    text = "Tea is a drink made of leaves, and 茶 is its name in Chinese.\n" * 60_000
    chunking.split(ParsedDocument("tea"), ChunkOptions(strategy))  # loads the tokenizer
    tracemalloc.start()
    drafts = chunking.split(ParsedDocument(text), ChunkOptions(strategy))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(drafts) > 600
    assert peak < 40 * len(text)
