"""Properties of the chunks of every strategy and text."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from functools import partial
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
from documents.chunking.chunk_drafts import Position, TextSpan
from documents.chunking.token_map import TokenMap
from documents.errors import InvalidChunking
from documents.parsing import PageSpan, ParsedDocument, block_text, text_cleaning
from documents.parsing.parsed_document import Block, Box, Kind
from tests.documents.chunking.texts import SIZES, TEXTS, letters

STRATEGIES = st.sampled_from(
    ["fixed_token", "recursive_character", "paragraph_semantic", "semantic_vector"]
)


def lengths(texts: Sequence[str]) -> list[list[float]]:
    """Embed texts by their length: texts of similar length have similar vectors."""
    return [[float(len(text)), 10.0] for text in texts]


def split(text: str, options: ChunkOptions) -> tuple[TokenMap, list[TextSpan]]:
    token_map = TokenMap(text)
    parsed = ParsedDocument(text, markdown=True)
    if options.strategy == "semantic_vector":
        return token_map, [*semantic_vector.split(token_map, options, lengths)]
    strategies: dict[str, Callable[[TokenMap, ChunkOptions], Iterable[TextSpan]]] = {
        "fixed_token": fixed_token.split,
        "recursive_character": recursive_character.split,
        "paragraph_semantic": partial(paragraph_semantic.split, parsed),
    }
    return token_map, [*strategies[options.strategy](token_map, options)]


@given(TEXTS.map(text_cleaning.clean), STRATEGIES, SIZES)
def test_every_character_is_in_a_chunk_in_order(
    text: str, strategy: str, sizes: tuple[int, int]
) -> None:
    options = ChunkOptions(strategy, *sizes)
    _, spans = split(text, options)
    covered = 0
    for span in spans:
        assert span.start < span.end
        assert not letters(text[covered : span.start])
        assert span.end > covered or not letters(text[covered : span.end])
        covered = max(covered, span.end)
    assert not letters(text[covered:])


@given(TEXTS.map(text_cleaning.clean), STRATEGIES, SIZES)
def test_no_chunk_exceeds_the_token_limit(
    text: str, strategy: str, sizes: tuple[int, int]
) -> None:
    options = ChunkOptions(strategy, *sizes)
    token_map, spans = split(text, options)
    drafts = chunking.split(ParsedDocument(text, markdown=True), options, embed=lengths)
    for span in spans:
        one_character = span.end - span.start == 1
        assert one_character or token_map.count(span.start, span.end) <= options.size
    assert [draft.order for draft in drafts] == [*range(len(drafts))]
    assert all(draft.content == draft.content.strip() != "" for draft in drafts)


@given(TEXTS.map(text_cleaning.clean), STRATEGIES, SIZES)
def test_the_overlap_does_not_exceed_its_limit(
    text: str, strategy: str, sizes: tuple[int, int]
) -> None:
    options = ChunkOptions(strategy, *sizes)
    token_map, spans = split(text, options)
    for first, second in pairwise(spans):
        # A character of several tokens is not split, so the overlap may include one more.
        overlap = token_map.count(second.start + 1, first.end)
        assert overlap <= options.overlap


@given(TEXTS.map(text_cleaning.clean), SIZES)
def test_windows_of_ascii_text_are_those_of_lightrag(
    text: str, sizes: tuple[int, int]
) -> None:
    ascii_only = text.encode("ascii", "ignore").decode()
    token_map, spans = split(ascii_only, ChunkOptions("fixed_token", *sizes))
    starts, step = token_map.starts, sizes[0] - sizes[1]
    expected = [
        (starts[n], starts[min(n + sizes[0], len(token_map))])
        for n in range(0, len(token_map), step)
    ]
    assert [(span.start, span.end) for span in spans] == expected


def test_chinese_characters_are_never_split() -> None:
    text = "鬱龘靐齉爩麤灪吁龖厵纞" * 20
    for strategy in ("fixed_token", "recursive_character"):
        drafts = chunking.split(ParsedDocument(text), ChunkOptions(strategy, 7, 0))
        assert "".join(draft.content for draft in drafts) == text


def test_a_chunk_has_its_page_numbers() -> None:
    pages = ["one " * 30, "two " * 30, "three " * 30]
    text, spans = "", []
    for number, page in enumerate(pages, start=1):
        spans.append(PageSpan(len(text), len(text) + len(page), number))
        text += page
    parsed = ParsedDocument(text, pages=tuple(spans))
    drafts = chunking.split(parsed, ChunkOptions("fixed_token", 40, 0))
    assert [(d.page_first, d.page_last) for d in drafts] == [(1, 2), (2, 3), (3, 3)]


def test_a_chunk_has_the_places_of_its_blocks() -> None:
    box = Box(72.0, 90.0, 300.0, 120.0)
    parsed = block_text.compose(
        [
            Block(Kind.PARAGRAPH, "one " * 30, page=1, box=box),
            Block(Kind.PARAGRAPH, "two " * 30, page=2, box=box, anchor="Sheet 2"),
        ],
        engine="x",
    )
    first, *_, second = chunking.split(parsed, ChunkOptions("fixed_token", 25, 0))
    assert first.positions == (Position(1, (72.0, 90.0, 300.0, 120.0)),)
    assert [position.page for position in second.positions] == [2]
    assert (first.anchor, second.anchor) == ("", "Sheet 2")


def test_a_format_without_pages_has_no_page_numbers() -> None:
    [draft] = chunking.split(ParsedDocument("tea"), ChunkOptions())
    assert (draft.page_first, draft.page_last, draft.tokens) == (None, None, 1)


def test_plain_text_is_divided_into_windows() -> None:
    text = "# no heading\n\n" + "word " * 200
    by_paragraphs, by_windows = (
        chunking.split(ParsedDocument(text), ChunkOptions(strategy, 50, 10))
        for strategy in ("paragraph_semantic", "fixed_token")
    )
    assert by_paragraphs == by_windows


@pytest.mark.parametrize("text", ["", " \n "])
def test_a_blank_text_has_no_chunks(text: str) -> None:
    assert chunking.split(ParsedDocument(text), ChunkOptions()) == []


def test_semantic_vector_requires_an_embedder() -> None:
    with pytest.raises(InvalidChunking, match="embedding model"):
        chunking.split(ParsedDocument("tea"), ChunkOptions("semantic_vector"))


def test_semantic_vector_divides_where_the_topic_changes() -> None:
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
def test_every_threshold_type_yields_chunks(kind: str) -> None:
    text = "A b. " * 30 + "Quite another matter is this sentence of many words. " * 5
    options = ChunkOptions("semantic_vector", breakpoint_threshold_type=kind)
    drafts = chunking.split(ParsedDocument(text), options, embed=lengths)
    assert letters("".join(draft.content for draft in drafts)) == letters(text)


def test_split_by_character_separates_chunks() -> None:
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


def test_split_by_character_only_rejects_a_text_over_the_limit() -> None:
    options = ChunkOptions(
        "fixed_token", 2, 0, split_by_character="|", split_by_character_only=True
    )
    with pytest.raises(InvalidChunking, match=r"exceeds chunk_token_size \(2\)"):
        chunking.split(ParsedDocument("tea|one two three four"), options)


@pytest.mark.parametrize("strategy", ["fixed_token", "recursive_character"])
def test_memory_is_proportional_to_the_length_of_the_text(strategy: str) -> None:
    text = "Tea is a drink made of leaves, and 茶 is its name in Chinese.\n" * 60_000
    chunking.split(ParsedDocument("tea"), ChunkOptions(strategy))  # loads the tokenizer
    tracemalloc.start()
    drafts = chunking.split(ParsedDocument(text), ChunkOptions(strategy))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(drafts) > 600
    assert peak < 40 * len(text)
